// assert.ts — what we believe, said where we believe it.
// A broken claim is a bug in this program, never bad input: nothing catches an InvariantViolation.
// This package imports nobody, so it has its own copy of these twenty lines.

export class InvariantViolation extends Error {
  override readonly name = "InvariantViolation";
}

/** Throws InvariantViolation unless `condition` holds. `claim` is a sentence that should be true. */
export function assert(condition: boolean, claim: string): asserts condition {
  if (!condition) throw new InvariantViolation(`not true: ${claim}`);
}

/** Marks a branch that the types have ruled out. */
export function unreachable(value: never): never {
  throw new InvariantViolation(`unreachable case: ${JSON.stringify(value)}`);
}
