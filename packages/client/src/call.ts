// call.ts — one call from the moment it is made until it is settled, and how far its effect may
// have gone. Only requests.ts changes it; it knows no connection and no session.
import type { Result } from "@rogerd/protocol";
import { ClientClosedError, InvalidArgumentError, type RogerdError } from "./errors.ts";

export interface CallSpec {
  /**
   * Writes carry a sequence number and are executed once; reads may be repeated at will. A stale read
   * carries the newest revision that the client was shown, and any node may answer it.
   */
  readonly kind: "write" | "read" | "stale-read";
  readonly command: string;
  readonly partition: string | undefined;
  readonly args: Readonly<Record<string, unknown>>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /**
   * Of a write that is heard to its end: once it was sent, its signal gives it up no more. Told in the instant
   * of the answer, before the promise resolves.
   */
  readonly heard?: (reply: SentReply) => void;
}

export interface Reply {
  readonly revision: number;
  readonly n: number;
  readonly result: Result;
}

/** Decided, in the order of the log. */
export function isBefore(
  one: Pick<Reply, "revision" | "n">,
  other: Pick<Reply, "revision" | "n">,
): boolean {
  return one.revision < other.revision || (one.revision === other.revision && one.n < other.n);
}

export interface SentReply extends Reply {
  /** What comes after the answer under the number of the call is known, or not needed: the floor may pass it. */
  readonly letGo: () => void;
}

export interface Settlers {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (reason: unknown) => void;
}

export class Call {
  readonly spec: CallSpec;
  readonly deadlineMs: number;
  readonly #settlers: Settlers;
  #stopListening: (() => void) | undefined;
  progress: "waiting" | "in-flight" | "settled" = "waiting";
  /** Its id on the connection, new for each send. */
  id = 0;
  /** Its number in the session, from the first send on; 0: none yet. */
  sequence = 0;
  /** An earlier send got no answer that tells whether it was executed. */
  hasUnknownSend = false;

  constructor(spec: CallSpec, parts: { readonly deadlineMs: number } & Settlers) {
    this.spec = spec;
    this.deadlineMs = parts.deadlineMs;
    this.#settlers = parts;
  }

  /** Whether giving it up now leaves open what it did. A read does nothing. */
  get mayHaveHappened(): boolean {
    if (this.spec.kind !== "write") return false;
    return this.hasUnknownSend || this.progress === "in-flight";
  }

  onAbort(give: (reason: unknown) => void): void {
    const { signal } = this.spec;
    if (signal === undefined) return;
    const listener = (): void => give(signal.reason);
    signal.addEventListener("abort", listener, { once: true });
    this.#stopListening = () => signal.removeEventListener("abort", listener);
  }

  resolve(reply: Reply): void {
    this.#settle();
    this.#settlers.resolve(reply);
  }

  reject(reason: unknown): void {
    this.#settle();
    this.#settlers.reject(reason);
  }

  #settle(): void {
    this.progress = "settled";
    this.#stopListening?.();
  }
}

export type Rejection = (call: Call) => RogerdError;

/** The client is closed: what was sent may still be executed. */
export function closedRejection(reason: string): Rejection {
  return (call) => {
    const outcomeKnown = !call.mayHaveHappened;
    return new ClientClosedError({ message: reason, outcomeKnown });
  };
}

/** Of a client that opens none. */
export function needsSession({ command }: CallSpec): InvalidArgumentError {
  const message = `${command} needs a session, and this client was connected with session: "none"`;
  return new InvalidArgumentError({ message, path: "session" });
}
