// changes.ts — what `rogerctl watch` wants of the world: changes one after the other, from a place on. It goes on
// after a lost connection by itself (node-changes.ts); that some were lost is an answer, not an end.
import type { WatchedEvent } from "@rogerd/protocol";
import type { CallOutcome } from "./call.ts";
import type { Endpoint } from "./endpoints.ts";

export interface ChangesParts {
  readonly endpoints: readonly Endpoint[];
  readonly credential: string | undefined;
  /** For the first connection. */
  readonly timeoutMs: number;
  /** Aborted, every wait here ends. */
  readonly signal: AbortSignal;
  /** What becomes of the connection meanwhile, in a sentence. */
  readonly hear: (sentence: string) => void;
}

export type OpenedChanges =
  | { readonly kind: "opened"; readonly changes: Changes }
  | { readonly kind: "failed"; readonly outcome: Failure };

export type Failure = Exclude<CallOutcome, { readonly kind: "answered" }>;

export interface Changes {
  from(wish: ChangesWish): ChangeStream;
  close(): Promise<void>;
}

export interface ChangesWish {
  /** Undefined: of all. */
  readonly partition: string | undefined;
  readonly types: readonly string[] | undefined;
  readonly prefix: string | undefined;
  /** Undefined: from now on. */
  readonly place: ChangePlace | undefined;
}

/** After the changes of this revision up to `n`; without `n` all of it. */
export interface ChangePlace {
  readonly revision: number;
  readonly n?: number;
}

export interface ChangeStream {
  next(): Promise<NextChange>;
  /** All through this revision was told, or waits here. */
  readonly through: number | undefined;
}

export type NextChange =
  | { readonly kind: "change"; readonly change: WatchedEvent }
  /** No node knows any more what happened through this revision. The stream is over. */
  | { readonly kind: "lost"; readonly through: number | undefined }
  | { readonly kind: "failed"; readonly outcome: Failure }
  | { readonly kind: "over" };
