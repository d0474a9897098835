// parse-command.ts — an untrusted name with arguments becomes a command, or says what is wrong and
// where. What gets past here needs no second look; what is malformed never gets into the log.
// Never throws, whatever it is given.
import type { Read, Write } from "./command.ts";
import { partitionId, type SessionId } from "./ids.ts";
import { checkArguments } from "./parse/checked-arguments.ts";
import type { Made } from "./parse/command-shape.ts";
import { commandShapes } from "./parse/commands.ts";
import { nameField, type Problem } from "./parse/field.ts";

export type ParsedCommand =
  | { readonly kind: "write"; readonly write: Write }
  | { readonly kind: "read"; readonly read: Read }
  | { readonly kind: "invalid"; readonly path: string; readonly reason: string }
  | { readonly kind: "unknown" };

/** `session`: the one that asks, if one does. */
export function parseCommand(
  name: string,
  partition: unknown,
  args: unknown,
  session?: SessionId,
): ParsedCommand {
  const shape = commandShapes.get(name);
  if (shape === undefined) return { kind: "unknown" };
  if (shape.scope !== "partition") {
    if (partition !== undefined) {
      return invalid({
        path: "partition",
        reason: "is of no use: the command is of the whole group",
      });
    }
    const checked = checkArguments(args, shape.fields);
    if ("problem" in checked) return invalid(checked.problem);
    if (shape.scope === "group") return shape.make(checked);
    return session === undefined ? invalid(nobodyAsks) : shape.make(checked, session);
  }
  if (partition === undefined) return invalid({ path: "partition", reason: "is missing" });
  const problem = nameField.check(partition, "partition");
  if (problem !== undefined || typeof partition !== "string") {
    return invalid(problem ?? { path: "partition", reason: "must be a text" });
  }
  const checked = checkArguments(args, shape.fields);
  if ("problem" in checked) return invalid(checked.problem);
  const made: Made = shape.make(checked, partitionId(partition));
  return made;
}

const nobodyAsks: Problem = {
  path: "session",
  reason: "this connection speaks for no session: session.open comes first",
};

function invalid(problem: Problem): ParsedCommand {
  return { kind: "invalid", path: problem.path, reason: problem.reason };
}
