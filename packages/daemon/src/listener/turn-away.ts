// turn-away.ts — a WebSocket more than we hold: it is told so in words, closed, and ended if it does not
// go. So few of them at a time are told that telling them costs nothing; the rest is refused at the
// upgrade.
import { closeCodes, encodeFrame, errorObject, type Subprotocol } from "@rogerd/protocol";
import type { Socket, SocketListener } from "../network.ts";
import type { OuterPlatform } from "../request/surroundings.ts";
import type { Bounds } from "./bounds.ts";

export interface TurnedAway {
  readonly socket: Socket;
  readonly subprotocol: Subprotocol;
  readonly platform: Pick<OuterPlatform, "setTimer">;
  readonly bounds: Pick<Bounds, "closeGraceMs" | "retryAfterMs" | "connectionsMax">;
  readonly gone: () => void;
}

export function turnAway(arrival: TurnedAway): SocketListener {
  const { socket, platform, bounds } = arrival;
  const message = `this node holds ${bounds.connectionsMax} connections and takes no more`;
  const error = errorObject("overloaded", message, { retryAfterMs: bounds.retryAfterMs });
  socket.send(encodeFrame(arrival.subprotocol, { kind: "error", error }));
  socket.close({ code: closeCodes.tooManyConnections, reason: message });
  const deadline = platform.setTimer(bounds.closeGraceMs, () => socket.terminate());
  return {
    frame: () => undefined,
    pong: () => undefined,
    closed: () => {
      deadline.cancel();
      arrival.gone();
    },
  };
}
