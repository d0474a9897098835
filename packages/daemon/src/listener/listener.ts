// listener.ts — the client port as the daemon sees it: it starts, it drains, it closes. What happens on it
// is client-port.ts; what is wrong with the port itself (taken, not permitted) is told to the starter.
import { closeCodes } from "@rogerd/protocol";
import type { BackedUpState } from "../backup/backups.ts";
import type { Invitation } from "../membership/invitation.ts";
import type { Log } from "../observe/log.ts";
import type { RaftEvents } from "../observe/raft-events.ts";
import type {
  CurrentState,
  MembershipChanger,
  OuterPlatform,
  Proposer,
  Self,
  StampSource,
  StateHashes,
  Transferrer,
} from "../request/surroundings.ts";
import type { Settings } from "../settings/settings.ts";
import type { ReplicatedState } from "../state/replicated-state.ts";
import { assertBoundsAgree, type Bounds } from "./bounds.ts";
import { ClientPort } from "./client-port.ts";

export type ListenerSettings = Pick<
  Settings,
  "listenClient" | "advertiseClient" | "credential" | "allowOrigins" | "allowHosts"
>;

export interface ListenerParts {
  readonly platform: OuterPlatform;
  readonly settings: ListenerSettings;
  readonly log: Log;
  readonly node: Proposer & Transferrer & MembershipChanger;
  /** A secret for a node that is to come. */
  readonly invite: () => Invitation;
  readonly events: Pick<RaftEvents, "subscribe">;
  readonly state: CurrentState & BackedUpState & Pick<ReplicatedState, "listen">;
  readonly clock: StampSource;
  readonly hashes: StateHashes;
  readonly self: Self;
  /** Names this node and this run of it; no other run of any node has that name. */
  readonly run: string;
  /** `defaultBounds` outside tests. */
  readonly bounds: Bounds;
}

export interface Listener {
  /** As bound. */
  readonly host: string;
  readonly port: number;
  /** No new connections and requests; says goodbye; resolves when all that was in flight is answered,
   *  or after `drainTimeoutMs`. To be called while the node still runs. */
  drain(): Promise<void>;
  /** Ends what is left and resolves when the port is free. Proposals already made stand. */
  close(): Promise<void>;
}

/** Rejects with ListenError when the port can't be had. */
export async function startListener(parts: ListenerParts): Promise<Listener> {
  assertBoundsAgree(parts.bounds);
  const { platform, settings, bounds } = parts;
  const clientPort = new ClientPort(parts);
  const { host, port } = settings.listenClient;
  const { frameBytesMax, drainTimeoutMs, closeGraceMs } = bounds;
  const listening = await platform.network.listen({ host, port, frameBytesMax }, clientPort);
  clientPort.start();
  return {
    host: listening.host,
    port: listening.port,
    drain: async () => {
      listening.stopAccepting();
      await within(platform, drainTimeoutMs, clientPort.drain());
      // HTTP answers that were just decided are written in this turn.
      await new Promise<void>((resolve) => platform.afterTurn(resolve));
    },
    close: async () => {
      listening.stopAccepting();
      clientPort.stop({ code: closeCodes.goingAway, reason: "this node is going away" });
      await within(platform, closeGraceMs, clientPort.empty());
      await listening.close();
    },
  };
}

/** Resolves with the promise, or after the time, whichever comes first. */
async function within(
  platform: Pick<OuterPlatform, "setTimer">,
  timeoutMs: number,
  promise: Promise<void>,
): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = platform.setTimer(timeoutMs, resolve);
    void promise.then(() => {
      timer.cancel();
      resolve();
    });
  });
}
