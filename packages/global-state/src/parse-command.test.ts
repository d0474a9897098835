import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ParsedCommand, parseCommand } from "./parse-command.ts";

const invalid = (path: string): unknown => ({ kind: "invalid", path, reason: expect.any(String) });
const hex = "0123456789abcdef0123456789abcdef";

describe("a command with good arguments", () => {
  const jobId = "job-1";
  const key = "user/42";
  const queue = "mail";
  const list = { prefix: "", limit: 100, cursor: undefined };

  test.each([
    ["roger.cancelJob", { jobId }, "write", { jobId }],
    ["roger.isCancelled", { jobId }, "read", { jobId }],
    ["roger.isCancelled", { jobId, remove: false }, "read", { jobId }],
    ["roger.isCancelled", { jobId, remove: true }, "write", { jobId, remove: true }],
    ["roger.isQueued", { key }, "read", { key }],
    ["roger.isQueued", { key, add: true }, "write", { key, add: true }],
    ["roger.removeQueued", { key }, "write", { key }],
    ["roger.isExecuting", { key, add: false }, "read", { key }],
    ["roger.isExecuting", { key, add: true }, "write", { key, add: true }],
    ["roger.removeExecuted", { key }, "write", { key }],
    ["roger.queuePause", { queue }, "write", { queue }],
    ["roger.queueResume", { queue }, "write", { queue }],
    ["roger.queueGetPaused", {}, "read", {}],
    ["partition.start", {}, "write", {}],
    ["partition.start", { ifAbsent: false }, "write", {}],
    ["partition.start", { ifAbsent: true }, "write", { ifAbsent: true }],
    ["partition.stop", undefined, "write", {}],
    ["cancel.check", { jobId }, "read", { jobId }],
    [
      "cancel.mark",
      { jobIds: [jobId, "job-2"], by: "ann", reason: "why", ttlMs: 1_000 },
      "write",
      { jobIds: [jobId, "job-2"], by: "ann", reason: "why", ttlMs: 1_000 },
    ],
    [
      "cancel.mark",
      { jobIds: [jobId] },
      "write",
      { jobIds: [jobId], by: "", reason: "", ttlMs: undefined },
    ],
    ["queue.pause", { selector: "*" }, "write", { selector: "*", by: "", reason: "" }],
    [
      "queue.pause",
      { selector: queue, until: 1_800_000_000_000, mode: "stop" },
      "write",
      { selector: queue, by: "", reason: "", until: 1_800_000_000_000, mode: "stop" },
    ],
    [
      "queue.pause",
      { selector: queue, mode: "drain" },
      "write",
      { selector: queue, by: "", reason: "" },
    ],
    ["cancel.clear", { jobIds: [jobId] }, "write", { jobIds: [jobId] }],
    ["cancel.addRule", { tag: "t" }, "write", { tag: "t", by: "", reason: "", ttlMs: undefined }],
    [
      "cancel.addRule",
      { queue, jobIdPrefix: "a/", enqueuedBefore: 7, by: "ann", reason: "why", ttlMs: 1_000 },
      "write",
      { queue, jobIdPrefix: "a/", enqueuedBefore: 7, by: "ann", reason: "why", ttlMs: 1_000 },
    ],
    ["cancel.removeRule", { rule: "8.1" }, "write", { rule: "8.1" }],
    ["queue.resume", { selector: queue }, "write", { selector: queue }],
    [
      "queueKey.claim",
      { key, owner: jobId },
      "write",
      { key, owner: jobId, ttlMs: undefined, provisionalMs: undefined, onConflict: "reject" },
    ],
    [
      "queueKey.claim",
      { key, owner: jobId, ttlMs: 1_000, provisionalMs: 3_600_000, onConflict: "extend" },
      "write",
      { key, owner: jobId, ttlMs: 1_000, provisionalMs: 3_600_000, onConflict: "extend" },
    ],
    ["queueKey.confirm", { key, owner: jobId }, "write", { key, owner: jobId }],
    [
      "queueKey.extend",
      { key, owner: jobId, ttlMs: 1_000 },
      "write",
      { key, owner: jobId, ttlMs: 1_000 },
    ],
    ["queueKey.release", { key, owner: jobId }, "write", { key, owner: jobId }],
    ["list", { kind: "pauses" }, "read", { kind: "pauses", ...list }],
    [
      "list",
      { kind: "queueKeys", prefix: "a", limit: 1_000, cursor: "c1.00000000.a" },
      "read",
      { kind: "queueKeys", prefix: "a", limit: 1_000, cursor: "c1.00000000.a" },
    ],
  ])("%s %j is a %s with %j", (name, args, kind, made) => {
    const parsed = parseCommand(name, "acme", args);

    const command = { name, partition: "acme", args: made };
    expect(parsed).toEqual(kind === "write" ? { kind, write: command } : { kind, read: command });
  });

  test("of the whole group has no partition", () => {
    const openArgs = { openId: hex, name: "worker 3", ttlMs: 5_000 };
    expect(parseCommand("session.open", undefined, openArgs)).toEqual({
      kind: "write",
      write: { name: "session.open", args: openArgs },
    });
    expect(parseCommand("session.open", undefined, { openId: hex })).toEqual({
      kind: "write",
      write: { name: "session.open", args: { openId: hex, name: "", ttlMs: undefined } },
    });
    expect(parseCommand("session.close", undefined, {})).toEqual({
      kind: "write",
      write: { name: "session.close", args: {} },
    });
    expect(parseCommand("partition.list", undefined, { limit: 7 })).toEqual({
      kind: "read",
      read: { name: "partition.list", args: { prefix: "", limit: 7, cursor: undefined } },
    });
    expect(parseCommand("session.close", "acme", {})).toEqual(invalid("partition"));
  });
});

test.each(["", "roger", "roger.cancelJob ", "job", "__proto__", "constructor", "toString"])(
  "a command called %j is unknown",
  (name) => {
    expect(parseCommand(name, "acme", {})).toEqual({ kind: "unknown" });
  },
);

test("an expiry is unknown from outside: only the leader proposes it", () => {
  const args = { session: 1, decidedInTerm: 1 };
  expect(parseCommand("session.expire", undefined, args)).toEqual({ kind: "unknown" });
});

describe("a command with a wrong argument says where", () => {
  test.each<[string, unknown, unknown, string]>([
    ["roger.isQueued", undefined, { key: "k" }, "partition"],
    ["roger.isQueued", "", { key: "k" }, "partition"],
    ["roger.isQueued", 7, { key: "k" }, "partition"],
    ["roger.isQueued", "a\nb", { key: "k" }, "partition"],
    ["roger.isQueued", "acme", null, "args"],
    ["roger.isQueued", "acme", [], "args"],
    ["roger.isQueued", "acme", "key", "args"],
    ["roger.isQueued", "acme", undefined, "args.key"],
    ["roger.isQueued", "acme", {}, "args.key"],
    ["roger.isQueued", "acme", { key: "" }, "args.key"],
    ["roger.isQueued", "acme", { key: "x".repeat(513) }, "args.key"],
    ["roger.isQueued", "acme", { key: "\ud800" }, "args.key"],
    ["roger.isQueued", "acme", { key: "k", add: "yes" }, "args.add"],
    ["roger.isQueued", "acme", { key: "k", add: null }, "args.add"],
    ["roger.isQueued", "acme", { key: "k", remove: true }, "args.remove"],
    ["roger.cancelJob", "acme", { jobId: 7 }, "args.jobId"],
    ["cancel.mark", "acme", { jobIds: "a" }, "args.jobIds"],
    ["cancel.mark", "acme", { jobIds: [] }, "args.jobIds"],
    ["cancel.mark", "acme", { jobIds: Array(1_001).fill("a") }, "args.jobIds"],
    ["cancel.mark", "acme", { jobIds: ["a", "b", ""] }, "args.jobIds[2]"],
    ["cancel.mark", "acme", { jobIds: ["a", undefined, "b"] }, "args.jobIds[1]"],
    ["cancel.mark", "acme", { jobIds: Array(300).fill("x".repeat(512)) }, "args.jobIds"],
    ["cancel.mark", "acme", { jobIds: ["a"], by: "x".repeat(513) }, "args.by"],
    ["cancel.mark", "acme", { jobIds: ["a"], reason: "a\u0000" }, "args.reason"],
    ["cancel.mark", "acme", { jobIds: ["a"], ttlMs: 999 }, "args.ttlMs"],
    ["cancel.mark", "acme", { jobIds: ["a"], ttlMs: 86_400_001 }, "args.ttlMs"],
    ["cancel.mark", "acme", { jobIds: ["a"], ttlMs: 1_000.5 }, "args.ttlMs"],
    ["cancel.mark", "acme", { jobIds: ["a"], ttlMs: "1000" }, "args.ttlMs"],
    ["queue.pause", "acme", { queue: "mail" }, "args.queue"],
    ["queueKey.claim", "acme", { key: "k" }, "args.owner"],
    ["queueKey.claim", "acme", { key: "k", owner: "" }, "args.owner"],
    ["queueKey.claim", "acme", { key: "k", owner: "j", ttlMs: 999 }, "args.ttlMs"],
    [
      "queueKey.claim",
      "acme",
      { key: "k", owner: "j", provisionalMs: 3_600_001 },
      "args.provisionalMs",
    ],
    ["queueKey.claim", "acme", { key: "k", owner: "j", onConflict: "steal" }, "args.onConflict"],
    ["queueKey.claim", "acme", { key: "k", owner: "j", onConflict: "extend" }, "args.ttlMs"],
    ["queueKey.extend", "acme", { key: "k", owner: "j" }, "args.ttlMs"],
    ["queueKey.release", "acme", { key: "k", owner: "j", ttlMs: 5_000 }, "args.ttlMs"],
    ["queue.pause", "acme", { selector: "mail", until: -1 }, "args.until"],
    ["queue.pause", "acme", { selector: "mail", until: "2027-01-31" }, "args.until"],
    ["queue.pause", "acme", { selector: "mail", until: 8_640_000_000_000_001 }, "args.until"],
    ["queue.pause", "acme", { selector: "mail", mode: "kill" }, "args.mode"],
    ["cancel.clear", "acme", { jobIds: [] }, "args.jobIds"],
    ["cancel.addRule", "acme", {}, "args"],
    ["cancel.addRule", "acme", { enqueuedBefore: 7 }, "args"],
    ["cancel.addRule", "acme", { jobIdPrefix: "" }, "args.jobIdPrefix"],
    ["cancel.addRule", "acme", { queue: "*" }, "args.queue"],
    ["cancel.addRule", "acme", { tag: "t", enqueuedBefore: 1.5 }, "args.enqueuedBefore"],
    ["cancel.addRule", "acme", { tag: "t", ttlMs: 999 }, "args.ttlMs"],
    ["cancel.removeRule", "acme", {}, "args.rule"],
    ["list", "acme", {}, "args.kind"],
    ["list", "acme", { kind: "jobs" }, "args.kind"],
    ["list", "acme", { kind: "pauses", limit: 0 }, "args.limit"],
    ["list", "acme", { kind: "pauses", limit: 1_001 }, "args.limit"],
    ["list", "acme", { kind: "pauses", cursor: "next" }, "args.cursor"],
    ["session.open", undefined, { openId: hex.toUpperCase() }, "args.openId"],
    ["session.open", undefined, { openId: hex.slice(1) }, "args.openId"],
    ["session.open", undefined, { openId: hex, ttlMs: 4_999 }, "args.ttlMs"],
    ["session.open", undefined, { openId: hex, ttlMs: 600_001 }, "args.ttlMs"],
    ["session.close", undefined, { force: true }, "args.force"],
  ])("%s in %j with %j: %s", (name, partition, args, path) => {
    expect(parseCommand(name, partition, args)).toEqual(invalid(path));
  });

  test("which may be one that only looks like a prototype", () => {
    const args: unknown = JSON.parse('{"key":"k","__proto__":{"add":true}}');
    expect(parseCommand("roger.isQueued", "acme", args)).toEqual(invalid("args.__proto__"));
  });

  test("and what is only inherited is not there", () => {
    const args: unknown = Object.create({ key: "inherited" });
    expect(parseCommand("roger.isQueued", "acme", args)).toEqual(invalid("args.key"));
  });

  test("in few words, even if the wrong name is long", () => {
    const args = { key: "k", ["x".repeat(1_000_000)]: 1 };
    const parsed = parseCommand("roger.isQueued", "acme", args);
    expect(JSON.stringify(parsed).length).toBeLessThan(300);
  });
});

test("whatever it is given, it never throws, and what it lets through has good names (property)", () => {
  const name = fc.constantFrom(
    "roger.isCancelled",
    "roger.isQueued",
    "cancel.mark",
    "queue.pause",
    "list",
    "session.open",
    "partition.list",
  );
  const value = fc.oneof(fc.anything(), fc.string({ unit: "binary" }), fc.boolean(), fc.nat());
  const args = fc.oneof(
    fc.anything(),
    fc.dictionary(
      fc.constantFrom("key", "jobId", "jobIds", "add", "selector", "kind", "limit", "openId"),
      value,
    ),
  );
  fc.assert(
    fc.property(name, value, args, (command, partition, given) => {
      const parsed: ParsedCommand = parseCommand(command, partition, given);
      if (parsed.kind === "invalid") expect(parsed.path).toMatch(/^(partition|args)/);
    }),
    { numRuns: 2_000 },
  );
});
