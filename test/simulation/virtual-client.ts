// virtual-client.ts — the world as the client library sees it, on the virtual network and time.
import type { ClientPlatform } from "@rogerd/client";
import type { Dice } from "./dice.ts";
import type { Place, VirtualNetwork } from "./virtual-network.ts";

export function clientPlatform(parts: {
  readonly network: VirtualNetwork;
  readonly place: Place;
  readonly dice: Dice;
  /** Absent: it has no threads. */
  readonly startKeeper?: NonNullable<ClientPlatform["startKeeper"]>;
}): ClientPlatform {
  const { network, place, dice, startKeeper } = parts;
  const { process } = place;
  return {
    ...(startKeeper === undefined ? {} : { startKeeper }),
    monotonicNow: () => process.monotonicNow(),
    wallNow: () => 1.76e12 + process.monotonicNow(),
    setTimer: (delayMs, callback) => process.setTimer(delayMs, callback),
    afterTurn: (callback) => process.afterTurn(callback),
    drawSeed: () => dice.draw(),
    dial: (target, listener) => {
      const { subprotocol, timeoutMs, url } = target;
      const end = network.dial(
        place,
        { url, subprotocols: [subprotocol], timeoutMs },
        {
          opened: () => listener.opened(),
          frame: (frame) => listener.received(frame),
          pong: () => undefined,
          closed: (closing) => listener.closed(closing),
        },
      );
      return {
        send: (data) => end.send(data),
        bufferedBytes: () => end.bufferedBytes,
        close: (closing) => end.close(closing),
        terminate: () => end.terminate(),
      };
    },
  };
}
