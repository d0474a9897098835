// keeper-words.ts — what a client and its keeper say to each other across threads: plain values, which can be
// copied. keeper.ts hears the orders, keeper-thread.ts the news.
import type { ClientErrorCode } from "./errors.ts";
import type { LinkSettings } from "./leader-link.ts";
import type { Confirmation } from "./lease.ts";

export interface KeeperSettings {
  readonly endpoints: readonly string[];
  readonly clusterId: string | undefined;
  readonly link: LinkSettings;
  /** The client's loop may be blocked for so long: then the keeper keeps its session no more. */
  readonly maxStallMs: number;
}

/** The session to keep, and its secret. */
export interface KeptSession {
  readonly id: number;
  readonly openId: string;
  readonly ttlMs: number;
}

export type KeeperOrder =
  | { readonly kind: "keep"; readonly session: KeptSession }
  /** There is none now. */
  | { readonly kind: "leave" };

/** Both threads read the same clocks. */
export type KeeperNews =
  | ({ readonly kind: "confirmed"; readonly session: number } & Confirmation)
  /** It ended in the log. */
  | { readonly kind: "ended"; readonly session: number }
  /** The client's loop stood still for so long that no keepalive was sent. */
  | { readonly kind: "withheld"; readonly stalledMs: number }
  /** This node, or every node, has no use for a keeper. */
  | { readonly kind: "refused"; readonly code: ClientErrorCode; readonly message: string };
