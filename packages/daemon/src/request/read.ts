// read.ts — the reads of a turn share one ReadIndex round (§6.4), then each looks at the state. The
// revision in an answer is the applied index it was answered at, or that of the list's first page. Many long lists never keep the
// loop: after a few milliseconds the rest waits for the next turn, which only makes them fresher.
import { isListRead, type Read, sessionId } from "@rogerd/global-state";
import { type ErrorObject, errorObject, type Result } from "@rogerd/protocol";
import type { Bounds } from "../listener/bounds.ts";
import type { Leases } from "../session/leases.ts";
import type { Batch } from "./batch.ts";
import type { ListViews } from "./list-views.ts";
import { elsewhereError } from "./redirect.ts";
import { refusalError } from "./refusal.ts";
import type { CurrentState, OuterPlatform, Proposer, ReadAnswer } from "./surroundings.ts";

export interface ReadParts {
  readonly node: Proposer;
  readonly state: CurrentState;
  readonly leases: Pick<Leases, "leaseLeftMs">;
  readonly platform: Pick<OuterPlatform, "monotonicNow" | "afterTurn">;
  readonly bounds: Pick<Bounds, "readSliceMs" | "retryAfterMs">;
  readonly views: Pick<ListViews, "read">;
}

export type ReadBatch = Batch<Read>;

/** The clock is asked after so many reads. */
const readsPerLook = 16;

export class Reads {
  readonly #parts: ReadParts;

  constructor(parts: ReadParts) {
    this.#parts = parts;
  }

  /** For those who take what is applied here, whoever leads: stale, and said so by its revision. */
  answerStale(batch: ReadBatch): void {
    if (batch.length > 0) this.#answerFrom(batch, 0);
  }

  /** Only where this node leads. */
  ask(batch: ReadBatch): void {
    if (batch.length > 0) void this.#settle(batch);
  }

  async #settle(batch: ReadBatch): Promise<void> {
    const outcome = await this.#parts.node.read();
    if (outcome.kind === "ready") return this.#answerFrom(batch, 0);
    const error = outcome.kind === "unavailable" ? this.#unavailable() : this.#elsewhere();
    batch.refuse({ from: 0, before: batch.length }, error);
  }

  #answerFrom(batch: ReadBatch, from: number): void {
    const { platform, state, bounds } = this.#parts;
    if (state.notServing !== undefined) {
      return batch.refuse({ from, before: batch.length }, this.#unavailable());
    }
    const end = platform.monotonicNow() + bounds.readSliceMs;
    for (let at = from; at < batch.length; at += 1) {
      this.#answer(batch, at);
      if ((at + 1) % readsPerLook !== 0 || platform.monotonicNow() < end) continue;
      return platform.afterTurn(() => this.#answerFrom(batch, at + 1));
    }
  }

  #answer(batch: ReadBatch, at: number): void {
    const id = batch.idAt(at);
    const read = batch.asked[at];
    if (read === undefined) return;
    if (batch.callerAt(at)?.isListening !== true) return batch.drop(at);
    const { views, state } = this.#parts;
    const answer = isListRead(read) ? views.read(read) : state.current.read(read);
    if (answer === "lost") return batch.answer(at, { id, error: lostList });
    if ("refusal" in answer) {
      return batch.answer(at, { id, error: refusalError(answer.refusal, this.#parts.bounds) });
    }
    if (read.name === "session.sync") return this.#sync(batch, at, { read, answer });
    const { revision, result } = answer;
    const isOfSessions = read.name === "session.list" && result.status === "list";
    const shown = isOfSessions ? this.#withLeases(result) : result;
    batch.answer(at, { id, revision, n: 0, result: shown });
  }

  /** What only the leader's memory knows is added on the way out (SEMANTICS §5). */
  #withLeases(list: Extract<Result, { status: "list" }>): Result {
    const { leases, state } = this.#parts;
    const items = list.items.map((item) => {
      const session = "client" in item ? state.current.session(sessionId(item.session)) : undefined;
      const leaseLeftMs = session === undefined ? undefined : leases.leaseLeftMs(session);
      return leaseLeftMs === undefined ? item : { ...item, leaseLeftMs };
    });
    return { ...list, items };
  }

  /** In one step: what the next entry does to the session is told behind the answer, and nothing is lost. */
  #sync(
    batch: ReadBatch,
    at: number,
    synced: {
      readonly read: Extract<Read, { name: "session.sync" }>;
      readonly answer: Extract<ReadAnswer, { result: unknown }>;
    },
  ): void {
    const { session, from } = synced.read.args;
    const { revision, result } = synced.answer;
    const caller = batch.callerAt(at);
    const id = batch.idAt(at);
    if (caller?.session !== session)
      return batch.answer(at, { id, error: this.#speaksElsewhere() });
    batch.answer(at, { id, revision, n: 0, result });
    if (from === undefined) caller.hearPushes();
  }

  #speaksElsewhere(): ErrorObject {
    const { retryAfterMs } = this.#parts.bounds;
    const message = "this connection does not speak for that session any more";
    return errorObject("unavailable", message, { retryAfterMs });
  }

  #unavailable(): ErrorObject {
    const message = this.#parts.state.notServing ?? "this node can't confirm that it leads";
    const { retryAfterMs } = this.#parts.bounds;
    return errorObject("unavailable", message, { retryAfterMs });
  }

  #elsewhere(): ErrorObject {
    const { bounds, node } = this.#parts;
    return elsewhereError({ status: node.status(), retryAfterMs: bounds.retryAfterMs });
  }
}

const lostList: ErrorObject = errorObject(
  "compacted",
  "this list can't be gone on with: its further pages are kept for a minute, by the node that gave the first one; list again from the start",
);
