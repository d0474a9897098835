// throughput.ts — how many calls were answered, second by second: a run in which a cluster does little proves nothing.

const secondUs = 1_000_000;

export class Throughput {
  readonly #answered = new Map<number, number>();
  total = 0;

  /** A call was answered at this time of a history. */
  count(at: number): void {
    const second = Math.floor(at / secondUs);
    this.#answered.set(second, (this.#answered.get(second) ?? 0) + 1);
    this.total += 1;
  }

  /** Calls a second in the whole seconds between two times; none: as if nothing was answered. */
  perSecond(between: { readonly from: number; readonly to: number }): number {
    const first = Math.ceil(between.from / secondUs);
    const end = Math.floor(between.to / secondUs);
    if (end <= first) return 0;
    let answered = 0;
    for (let second = first; second < end; second += 1) {
      answered += this.#answered.get(second) ?? 0;
    }
    return answered / (end - first);
  }

  /** By second of the histories' clock. */
  get bySecond(): ReadonlyMap<number, number> {
    return this.#answered;
  }
}
