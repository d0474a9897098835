// held-key.ts — an execution key that this client holds: its token, a signal that says when it is lost, and
// how it is given back. It never asks whether it is still held: who writes to a resource gives it the token.
import type { CallOptions } from "./caller.ts";
import { isStillToDo } from "./errors.ts";

/** Whose hold of which key. */
export interface KeyOfOwner {
  readonly partition: string;
  readonly key: string;
  /** The job that holds it, or is to. */
  readonly owner: string;
}

export type KeyReleased =
  | { readonly status: "released"; readonly revision: number }
  /** Nothing was freed: it is not this owner's, or from another grant, or of a run. */
  | {
      readonly status: "not_held";
      readonly reason: "not_holder" | "other_token" | "run";
      readonly revision: number;
    };

export interface HeldKeyParts {
  readonly of: KeyOfOwner;
  readonly token: number;
  readonly revision: number;
  readonly signal: AbortSignal;
  readonly release: (options: CallOptions) => Promise<KeyReleased>;
}

/**
 * An execution key that this client holds; from `Partition.acquireExecutionKey`. Give the token to what you write
 * to: that alone knows who comes too late.
 */
export class HeldKey implements AsyncDisposable {
  readonly status = "held";
  readonly key: string;
  readonly owner: string;
  /** Grows with every grant: a resource that has seen a higher one refuses this one. */
  readonly token: number;
  /** At which it was granted, or at which this client was told so. */
  readonly revision: number;
  /**
   * Aborts when the key may be another's: with `LeaseLostError` when the session's lease is lost, with
   * `KeyLostError` when somebody took it away, with `ClientClosedError` when the client is closed. Of a key that a
   * run of this client holds it is the signal of that run.
   */
  readonly signal: AbortSignal;
  readonly #release: (options: CallOptions) => Promise<KeyReleased>;
  #isGivenBack = false;

  constructor({ of, token, revision, signal, release }: HeldKeyParts) {
    this.key = of.key;
    this.owner = of.owner;
    this.token = token;
    this.revision = revision;
    this.signal = signal;
    this.#release = release;
  }

  /**
   * Who is next gets it. By its token: again, or too late, it changes nothing and says so. Rejects with
   * `LeaseLostError` once the session is lost: then it is free, or another's.
   */
  async release(options: CallOptions = {}): Promise<KeyReleased> {
    this.#isGivenBack = true;
    try {
      return await this.#release(options);
    } catch (error) {
      if (isStillToDo(error)) this.#isGivenBack = false;
      throw error;
    }
  }

  /** What is lost needs no giving back: it ends with its session, or has been given away already. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isGivenBack || this.signal.aborted) return;
    try {
      await this.release();
    } catch (error) {
      if (!this.signal.aborted) throw error;
    }
  }
}
