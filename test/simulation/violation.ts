// violation.ts — what a check found: the property that broke and the facts that contradict it. The
// first one ends the run; it is kept and never thrown through the code that is being judged.

export interface Finding {
  readonly property: string;
  /** Each with who says so. */
  readonly facts: readonly string[];
}

export class Findings {
  #first: Finding | undefined;

  get first(): Finding | undefined {
    return this.#first;
  }

  broken(property: string, facts: readonly string[]): void {
    this.#first ??= { property, facts };
  }
}
