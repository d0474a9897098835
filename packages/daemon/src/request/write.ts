// write.ts — writes of a turn → log entries → outcomes → answers. All of a turn share one entry as far
// as they fit; whatever a proposal comes to is told to every caller in it, and "we do not know" is
// said as such. A caller that goes away takes nothing back: the proposal stands (SEMANTICS §6).

import type { Outcome, Submission } from "@rogerd/global-state";
import { type ErrorObject, errorObject } from "@rogerd/protocol";
import { assert, type RaftStatus } from "@rogerd/raft";
import type { Bounds } from "../listener/bounds.ts";
import type { Batch } from "./batch.ts";
import { elsewhereError, lostError } from "./redirect.ts";
import { refusalError } from "./refusal.ts";
import type { EntryMaker, EntryOutcome, Proposer } from "./surroundings.ts";
import { unreachable } from "./unreachable.ts";

export interface WriteParts {
  readonly node: Proposer;
  readonly entries: EntryMaker;
  readonly bounds: Pick<Bounds, "entryBytesMax" | "submissionsPerEntryMax" | "retryAfterMs">;
}

export type WriteBatch = Batch<Submission>;

/** The calls of a batch that share an entry. */
interface Places {
  readonly from: number;
  readonly before: number;
}

export class Writes {
  readonly #parts: WriteParts;

  constructor(parts: WriteParts) {
    this.#parts = parts;
  }

  /** Only where this node leads. */
  propose(batch: WriteBatch): void {
    for (let from = 0; from < batch.length; ) {
      const before = this.#endOfEntry(batch, from);
      this.#proposeEntry(batch, { from, before });
      from = before;
    }
  }

  /** As many as fit by the bytes they came in; at least one. */
  #endOfEntry(batch: WriteBatch, from: number): number {
    const { entryBytesMax, submissionsPerEntryMax } = this.#parts.bounds;
    const last = Math.min(batch.length, from + submissionsPerEntryMax);
    let bytes = batch.bytesAt(from);
    let before = from + 1;
    while (before < last && bytes + batch.bytesAt(before) <= entryBytesMax) {
      bytes += batch.bytesAt(before);
      before += 1;
    }
    return before;
  }

  #proposeEntry(batch: WriteBatch, places: Places): void {
    const payload = this.#parts.entries.makeEntry(submissionsOf(batch, places));
    if (payload === undefined) return void this.#proposeOnceStamped(batch, places);
    // Calls of one frame count with their average: a very uneven frame can make a large entry.
    const count = places.before - places.from;
    if (payload.byteLength > 2 * this.#parts.bounds.entryBytesMax && count > 1) {
      const middle = places.from + (count >> 1);
      this.#proposeEntry(batch, { from: places.from, before: middle });
      return this.#proposeEntry(batch, { from: middle, before: places.before });
    }
    void this.#settle(batch, places, payload);
  }

  /**
   * A new leader has no log time before it has applied the first entry of its own term. A read is
   * ready exactly then (§6.4): the writes wait for one instead of being sent back during a fail-over.
   */
  async #proposeOnceStamped(batch: WriteBatch, places: Places): Promise<void> {
    const outcome = await this.#parts.node.read();
    if (outcome.kind === "not-leader") return batch.refuse(places, this.#elsewhere());
    const payload =
      outcome.kind === "ready"
        ? this.#parts.entries.makeEntry(submissionsOf(batch, places))
        : undefined;
    if (payload !== undefined) return this.#settle(batch, places, payload);
    const { retryAfterMs } = this.#parts.bounds;
    const message = "this node has not yet taken over as leader";
    batch.refuse(places, errorObject("unavailable", message, { retryAfterMs }));
  }

  async #settle(batch: WriteBatch, places: Places, payload: Uint8Array): Promise<void> {
    const outcome = await this.#parts.node.propose(payload);
    if (outcome.kind !== "applied") return batch.refuse(places, this.#errorOf(outcome));
    assert(
      outcome.result.length === places.before - places.from,
      "an entry answers each of its submissions",
    );
    let at = places.from;
    for (const decided of outcome.result) {
      this.#answer(batch, at, decided);
      at += 1;
    }
  }

  #answer(batch: WriteBatch, at: number, decided: Outcome): void {
    const id = batch.idAt(at);
    if (decided.kind === "refusal") {
      return batch.answer(at, { id, error: refusalError(decided.refusal, this.#parts.bounds) });
    }
    const { result, revision, n } = decided;
    if (result.status === "opened") batch.callerAt(at)?.speakFor(result.session);
    batch.answer(at, { id, revision, n, result });
  }

  #errorOf(outcome: Exclude<EntryOutcome, { kind: "applied" }>): ErrorObject {
    const { retryAfterMs } = this.#parts.bounds;
    switch (outcome.kind) {
      case "not-leader":
        return this.#elsewhere();
      case "lost":
        return lostError({ status: this.#parts.node.status(), retryAfterMs });
      case "overloaded":
        return errorObject("overloaded", whyFull(this.#parts.node.status()), { retryAfterMs });
      case "indeterminate":
        return errorObject("indeterminate", "leadership was lost: this may or may not be decided");
      default:
        return unreachable(outcome);
    }
  }

  #elsewhere(): ErrorObject {
    const { bounds, node } = this.#parts;
    return elsewhereError({ status: node.status(), retryAfterMs: bounds.retryAfterMs });
  }
}

/** Time helps against the one, only an operator against the other. */
function whyFull({ isDiskNearlyFull }: Pick<RaftStatus, "isDiskNearlyFull">): string {
  return isDiskNearlyFull
    ? "the leader's disk is nearly full, and takes no writes before some of it is freed (--disk-reserve-bytes)"
    : "the log takes no more just now";
}

function submissionsOf(batch: WriteBatch, { from, before }: Places): readonly Submission[] {
  return from === 0 && before === batch.length ? batch.asked : batch.asked.slice(from, before);
}
