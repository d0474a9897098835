// virtual-keeper.ts — the thread of a client that keeps its session while its own loop is blocked: the real keeper on
// a loop beside the client's, on the same host and by the same clock. It ends with its client.
import { type ClientPlatform, Keeper, type KeeperNews } from "@rogerd/client";
import type { Dice } from "./dice.ts";
import { clientPlatform } from "./virtual-client.ts";
import type { Place, VirtualNetwork } from "./virtual-network.ts";

export type StartKeeper = NonNullable<ClientPlatform["startKeeper"]>;

export function keeperStarter(parts: {
  readonly network: VirtualNetwork;
  /** Of the thread. */
  readonly place: Place;
  /** Of the client. */
  readonly loop: Place["process"];
  readonly dice: Dice;
}): StartKeeper {
  const { network, place, loop, dice } = parts;
  const thread = place.process;
  return (settings, listener) => {
    const said: KeeperNews[] = [];
    let lastBeatMs = 0;
    const keeper = new Keeper({
      platform: clientPlatform({ network, place, dice }),
      settings,
      lastBeatMs: () => lastBeatMs,
      tell: (news) => {
        said.push(news);
        loop.wake(() => listener.said());
      },
    });
    return {
      beat: () => {
        lastBeatMs = loop.monotonicNow();
      },
      tell: (order) => thread.wake(() => keeper.heed(order)),
      take: () => said.splice(0),
      stop: () => {
        thread.end();
        network.processEnded(thread, { says: "broken" });
      },
    };
  };
}
