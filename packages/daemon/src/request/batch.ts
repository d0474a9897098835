// batch.ts — the calls of one turn that go the same way, across connections, as flat arrays: no object
// per call (LIMITS, lesson 5). Each call in it was admitted, and leaves it with exactly one answer.
import type { Answer, ErrorObject } from "@rogerd/protocol";
import type { Admission } from "./admission.ts";
import type { Caller } from "./caller.ts";

export class Batch<Asked> {
  readonly #admission: Admission;
  readonly #callers: Caller[] = [];
  readonly #ids: number[] = [];
  readonly #bytes: number[] = [];
  readonly asked: Asked[] = [];

  constructor(admission: Admission) {
    this.#admission = admission;
  }

  get length(): number {
    return this.asked.length;
  }

  add(call: {
    readonly caller: Caller;
    readonly id: number;
    readonly bytes: number;
    readonly asked: Asked;
  }): void {
    this.#callers.push(call.caller);
    this.#ids.push(call.id);
    this.#bytes.push(call.bytes);
    this.asked.push(call.asked);
  }

  callerAt(at: number): Caller | undefined {
    return this.#callers[at];
  }

  idAt(at: number): number {
    return this.#ids[at] ?? 0;
  }

  bytesAt(at: number): number {
    return this.#bytes[at] ?? 0;
  }

  /** The one answer of the call at this place. Nobody reads it if the caller has gone. */
  answer(at: number, answer: Answer): void {
    this.drop(at);
    const caller = this.#callers[at];
    if (caller?.isListening === true) caller.answer(answer);
  }

  /** Instead of an answer, for a caller that has gone. */
  drop(at: number): void {
    const caller = this.#callers[at];
    if (caller !== undefined) this.#admission.release(caller, this.bytesAt(at));
  }

  /** The same error for all from `from` on, up to but without `before`. */
  refuse(places: { readonly from: number; readonly before: number }, error: ErrorObject): void {
    for (let at = places.from; at < places.before; at += 1) {
      this.answer(at, { id: this.idAt(at), error });
    }
  }
}
