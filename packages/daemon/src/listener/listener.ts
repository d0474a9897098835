// listener.ts — the client port: one HTTP server for requests and for WebSockets at `/v1`. Accepts,
// refuses, drains, closes. It decides who may connect, never what a request means.
import type { Log } from "../observe/log.ts";
import type { RaftEvents } from "../observe/raft-events.ts";
import type { Platform } from "../platform.ts";
import type {
  CurrentState,
  Proposer,
  Self,
  StampSource,
  StateHashes,
} from "../request/surroundings.ts";
import type { Settings } from "../settings/settings.ts";
import type { Bounds } from "./bounds.ts";

export type ListenerPlatform = Pick<
  Platform,
  "monotonicNow" | "setTimer" | "afterTurn" | "isSameSecret" | "network"
>;

export type ListenerSettings = Pick<
  Settings,
  | "listenClient"
  | "advertiseClient"
  | "credential"
  | "allowOrigins"
  | "allowHosts"
  | "sessionSilenceMs"
>;

export interface ListenerParts {
  readonly platform: ListenerPlatform;
  readonly settings: ListenerSettings;
  readonly log: Log;
  readonly node: Proposer;
  readonly events: Pick<RaftEvents, "subscribe">;
  readonly state: CurrentState;
  readonly clock: StampSource;
  readonly hashes: StateHashes;
  readonly self: Self;
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
export function startListener(_parts: ListenerParts): Promise<Listener> {
  throw new Error("under construction");
}
