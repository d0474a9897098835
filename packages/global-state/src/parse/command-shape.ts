// command-shape.ts — what parse-command.ts needs to know of each command: its arguments, and what they make.
import type { Read, Write } from "../command.ts";
import type { PartitionId, SessionId } from "../ids.ts";
import type { CheckedArguments, Fields } from "./checked-arguments.ts";
import type { Problem } from "./field.ts";

export type Made =
  | { readonly kind: "write"; readonly write: Write }
  | { readonly kind: "read"; readonly read: Read }
  /** Each argument is good by itself, but not beside the others. */
  | ({ readonly kind: "invalid" } & Problem);

export type CommandShape =
  | {
      readonly scope: "partition";
      readonly fields: Fields;
      readonly make: (args: CheckedArguments, partition: PartitionId) => Made;
    }
  | {
      readonly scope: "group";
      readonly fields: Fields;
      readonly make: (args: CheckedArguments) => Made;
    }
  /** Of the whole group, about the session that asks. */
  | {
      readonly scope: "session";
      readonly fields: Fields;
      readonly make: (args: CheckedArguments, session: SessionId) => Made;
    };

export const write = (made: Write): Made => ({ kind: "write", write: made });
export const read = (made: Read): Made => ({ kind: "read", read: made });
export const invalid = (problem: Problem): Made => ({ kind: "invalid", ...problem });
