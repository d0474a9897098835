import { parseCommand } from "@rogerd/global-state";
import { expect, test } from "vitest";
import { changesState } from "./command-kind.ts";

const key = { key: "k" };
const job = { jobId: "j" };

test.each([
  ["roger.isCancelled", job],
  ["roger.isCancelled", { ...job, remove: false }],
  ["roger.isCancelled", { ...job, remove: true }],
  ["roger.isQueued", key],
  ["roger.isQueued", { ...key, add: true }],
  ["roger.isExecuting", key],
  ["roger.isExecuting", { ...key, add: true }],
  ["roger.removeQueued", key],
  ["cancel.check", job],
  ["cancel.mark", { jobIds: ["j"] }],
])("%s with %j changes the state where a daemon makes it a write", (command, args) => {
  const { kind } = parseCommand(command, "acme", args);

  expect(changesState({ command, args })).toBe(kind === "write");
});

test("what is no command that we know is not said to change anything", () => {
  expect(changesState({ command: "toString", args: {} })).toBe(false);
});
