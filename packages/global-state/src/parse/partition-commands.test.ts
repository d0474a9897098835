import { describe, expect, test } from "vitest";
import { parseCommand } from "../parse-command.ts";

const update = (args: unknown): unknown => parseCommand("partition.update", "acme", args);
const invalid = (path: string, reason: string): unknown => ({ kind: "invalid", path, reason });

describe("partition.update", () => {
  test("takes limits and defaults by name, in an order of its own; null takes back", () => {
    const args = {
      defaults: { markTtlMs: 1_000 },
      limits: { pauses: 0, runs: 5, queueKeys: null },
    };

    const parsed = update(args);

    const write = { name: "partition.update", partition: "acme", args };
    expect(parsed).toEqual({ kind: "write", write });
    const [limits] = [Object.keys(Object(Object(parsed).write.args.limits))];
    expect(limits).toEqual(["queueKeys", "runs", "pauses"]);
  });

  test("what is not there is nothing; null may take back a default", () => {
    const write = (args: object): unknown => {
      return { kind: "write", write: { name: "partition.update", partition: "acme", args } };
    };

    expect(update({ limits: { runs: 100_000 } })).toEqual(
      write({ limits: { runs: 100_000 }, defaults: {} }),
    );
    expect(update({ limits: {}, defaults: { markTtlMs: null } })).toEqual(
      write({ limits: {}, defaults: { markTtlMs: null } }),
    );
  });

  const something = "must name a limit or a default: what to change";
  test.each([
    [{}, "args", something],
    [undefined, "args", something],
    [{ limits: {}, defaults: {} }, "args", something],
    [{ limits: { run: 1 } }, "args.limits.run", "is no argument of this command"],
    [
      { limits: { __proto__: 1, toString: 1 } },
      "args.limits.toString",
      "is no argument of this command",
    ],
    [{ limits: [] }, "args.limits", "must be an object"],
    [{ limits: null }, "args.limits", "must be an object"],
    [{ limits: { runs: -1 } }, "args.limits.runs", "must be a whole number from 0 to 100000"],
    [{ limits: { runs: 100_001 } }, "args.limits.runs", "must be a whole number from 0 to 100000"],
    [{ limits: { runs: 1.5 } }, "args.limits.runs", "must be a whole number from 0 to 100000"],
    [{ limits: { runs: "1" } }, "args.limits.runs", "must be a whole number from 0 to 100000"],
    [
      { defaults: { markTtlMs: 999 } },
      "args.defaults.markTtlMs",
      "must be a whole number from 1000 to 86400000",
    ],
    [{ rogerCompatible: true }, "args.rogerCompatible", "is no argument of this command"],
  ])("refuses %j, and says where: %s", (args, path, reason) => {
    expect(update(args)).toEqual(invalid(path, reason));
  });
});

test("partition.drop takes nothing", () => {
  expect(parseCommand("partition.drop", "acme", {})).toEqual({
    kind: "write",
    write: { name: "partition.drop", partition: "acme", args: {} },
  });
  expect(parseCommand("partition.drop", "acme", { yes: true })).toMatchObject({ path: "args.yes" });
  expect(parseCommand("partition.drop", undefined, {})).toMatchObject({ path: "partition" });
});
