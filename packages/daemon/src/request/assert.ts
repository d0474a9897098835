// assert.ts — what the outer half believes, said where it believes it. A broken claim is a bug in this
// program, never bad input; nothing catches it.
import { InvariantViolation } from "@rogerd/global-state";

/** Throws InvariantViolation unless `condition` holds. `claim` is a sentence that should be true. */
export function assert(condition: boolean, claim: string): asserts condition {
  if (!condition) throw new InvariantViolation(`not true: ${claim}`);
}

/** Marks a branch that the types have ruled out. */
export function unreachable(value: never): never {
  throw new InvariantViolation(`unreachable case: ${JSON.stringify(value)}`);
}
