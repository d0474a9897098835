// unreachable.ts — marks a branch that the types have ruled out. Getting there is a bug in this program;
// nothing catches it.
import { InvariantViolation } from "@rogerd/raft";

export function unreachable(value: never): never {
  throw new InvariantViolation(`unreachable case: ${JSON.stringify(value)}`);
}
