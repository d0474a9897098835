import { readFileSync } from "node:fs";
import {
  fencingToken,
  InvariantViolation,
  jobId,
  key,
  type LogTimeMs,
  logTimeMs,
  type Origin,
  openId,
  partitionId,
  type Submission,
  selector,
  sessionId,
  type Write,
} from "@rogerd/global-state";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decodeEntry,
  type EntryContent,
  encodeEntry,
  UnreadableEntryError,
} from "./command-codec.ts";

const partition = partitionId("acme");
const none: Origin = { kind: "none" };
const importId = `${"ab".repeat(32)}-1`;

/** One of each; a new command needs a line here, the type sees to it. */
const writes: { readonly [Name in Write["name"]]: Extract<Write, { name: Name }> } = {
  "session.open": {
    name: "session.open",
    args: { openId: openId("0123456789abcdef0123456789abcdef"), name: "worker 7", ttlMs: 30_000 },
  },
  "session.close": { name: "session.close", args: {} },
  "session.expire": { name: "session.expire", args: { session: sessionId(41), decidedInTerm: 6 } },
  "partition.start": { name: "partition.start", partition, args: {} },
  "partition.stop": { name: "partition.stop", partition, args: {} },
  "partition.update": {
    name: "partition.update",
    partition,
    args: { limits: { queueKeys: 0, pauses: null }, defaults: { markTtlMs: 60_000 } },
  },
  "partition.drop": { name: "partition.drop", partition, args: {} },
  "roger.cancelJob": { name: "roger.cancelJob", partition, args: { jobId: jobId("job-1") } },
  "roger.isCancelled": {
    name: "roger.isCancelled",
    partition,
    args: { jobId: jobId("job-1"), remove: true },
  },
  "roger.isQueued": {
    name: "roger.isQueued",
    partition,
    args: { key: key("invoice/42"), add: true },
  },
  "roger.removeQueued": { name: "roger.removeQueued", partition, args: { key: key("invoice/42") } },
  "roger.isExecuting": {
    name: "roger.isExecuting",
    partition,
    args: { key: key("käse"), add: true },
  },
  "roger.removeExecuted": { name: "roger.removeExecuted", partition, args: { key: key("käse") } },
  "roger.queuePause": { name: "roger.queuePause", partition, args: { queue: selector("mail") } },
  "roger.queueResume": { name: "roger.queueResume", partition, args: { queue: selector("mail") } },
  "cancel.mark": {
    name: "cancel.mark",
    partition,
    args: {
      jobIds: [jobId("a"), jobId("b")],
      by: "ops@host",
      reason: "wrong tax",
      ttlMs: undefined,
    },
  },
  "cancel.clear": {
    name: "cancel.clear",
    partition,
    args: { jobIds: [jobId("a"), jobId("b")] },
  },
  "cancel.addRule": {
    name: "cancel.addRule",
    partition,
    args: {
      queue: "mail",
      tag: "campaign/7",
      enqueuedBefore: 1_790_000_000_000,
      by: "ops@host",
      reason: "",
      ttlMs: 60_000,
    },
  },
  "admin.release": {
    name: "admin.release",
    partition,
    args: { kind: "run", name: "job-1" },
  },
  "cancel.removeRule": { name: "cancel.removeRule", partition, args: { rule: "8812.1" } },
  "queueKey.claim": {
    name: "queueKey.claim",
    partition,
    args: {
      key: key("invoice/42"),
      owner: jobId("job-1"),
      ttlMs: 60_000,
      provisionalMs: undefined,
      onConflict: "replaceAndCancel",
    },
  },
  "queueKey.confirm": {
    name: "queueKey.confirm",
    partition,
    args: { key: key("invoice/42"), owner: jobId("job-1") },
  },
  "queueKey.extend": {
    name: "queueKey.extend",
    partition,
    args: { key: key("invoice/42"), owner: jobId("job-1"), ttlMs: 60_000 },
  },
  "queueKey.release": {
    name: "queueKey.release",
    partition,
    args: { key: key("invoice/42"), owner: jobId("job-1") },
  },
  "queue.pause": {
    name: "queue.pause",
    partition,
    args: { selector: selector("*"), by: "ops@host", reason: "provider down" },
  },
  "queue.resume": { name: "queue.resume", partition, args: { selector: selector("*") } },
  "job.start": {
    name: "job.start",
    partition,
    args: {
      jobId: jobId("job-1"),
      job: {
        queue: selector("mail"),
        unique: { queueKey: key("invoice/42"), until: "finish" },
        tags: ["campaign/7", "ö"],
        enqueuedAt: 1_790_000_000_000,
      },
      executionKey: { key: key("käse"), onBusy: "wait", waitTimeoutMs: 5_000 },
      takeover: true,
    },
  },
  "job.finish": {
    name: "job.finish",
    partition,
    args: {
      jobId: jobId("job-1"),
      token: undefined,
      outcome: "retry",
      keepQueueKey: true,
      rememberMs: undefined,
    },
  },
  "job.finishAndStart": {
    name: "job.finishAndStart",
    partition,
    args: {
      finish: {
        jobId: jobId("job-1"),
        token: undefined,
        outcome: "completed",
        keepQueueKey: false,
        rememberMs: 60_000,
      },
      start: {
        jobId: jobId("job-2"),
        job: { queue: selector("mail"), unique: null, tags: [], enqueuedAt: null },
        executionKey: undefined,
        takeover: false,
      },
    },
  },
  "executionKey.acquire": {
    name: "executionKey.acquire",
    partition,
    args: { key: key("käse"), owner: jobId("job-1"), mode: "wait", waitTimeoutMs: 5_000 },
  },
  "executionKey.withdraw": {
    name: "executionKey.withdraw",
    partition,
    args: { key: key("käse"), owner: jobId("job-1") },
  },
  "executionKey.release": {
    name: "executionKey.release",
    partition,
    args: { key: key("käse"), owner: jobId("job-1"), token: fencingToken(9_007_199_254_740_991) },
  },
  "executionKey.setRules": {
    name: "executionKey.setRules",
    partition,
    args: {
      rules: [
        { prefix: "tenant/", limit: 3, maxHoldMs: 60_000, maxWaiters: 0 },
        { prefix: "", limit: 1_000, maxHoldMs: undefined, maxWaiters: undefined },
      ],
    },
  },
  "admin.importBegin": {
    name: "admin.importBegin",
    args: {
      id: importId,
      logTime: logTimeMs(77_000),
      counters: { session: 4, partition: 2, token: 9 },
    },
  },
  "admin.importRows": {
    name: "admin.importRows",
    args: {
      id: importId,
      step: 3,
      table: "queueKeys",
      version: 1,
      bytes: Uint8Array.of(1, 0, 255),
    },
  },
  "admin.leapTokens": { name: "admin.leapTokens", args: {} },
  "admin.raiseFeatureLevel": { name: "admin.raiseFeatureLevel", args: { level: 2 } },
  "admin.importEnd": { name: "admin.importEnd", args: { id: importId, steps: 4, rows: 1_000 } },
};

function entryWith(...submissions: Submission[]): EntryContent {
  return { logTime: logTimeMs(8_000_000_123), wallMs: 1_790_000_000_000, submissions };
}

const inSession: Origin = { kind: "session", session: sessionId(3), sequence: 17, floor: 15 };
const byRequest: Origin = { kind: "request", requestId: "curl-1" };

const { args: finished } = writes["job.finish"];

const entries: Readonly<Record<string, EntryContent>> = {
  tick: entryWith(),
  "one of each origin": entryWith(
    { origin: none, write: writes["partition.start"] },
    { origin: inSession, write: writes["roger.cancelJob"] },
    { origin: byRequest, write: writes["queue.resume"] },
  ),
  "partition.start if absent": entryWith({
    origin: none,
    write: { name: "partition.start", partition, args: { ifAbsent: true } },
  }),
  "queue.pause until": entryWith({
    origin: none,
    write: {
      name: "queue.pause",
      partition,
      args: { selector: selector("mail"), by: "", reason: "", until: 1_790_000_060_000 },
    },
  }),
  "queue.pause that stops": entryWith({
    origin: none,
    write: {
      name: "queue.pause",
      partition,
      args: { selector: selector("*"), by: "ops", reason: "", mode: "stop" },
    },
  }),
  "executionKey.acquire try": entryWith({
    origin: inSession,
    write: {
      name: "executionKey.acquire",
      partition,
      args: { key: key("k"), owner: jobId("j"), mode: "try", waitTimeoutMs: undefined },
    },
  }),
  "job.finish of a token": entryWith({
    origin: inSession,
    write: { ...writes["job.finish"], args: { ...finished, token: fencingToken(7) } },
  }),
  "job.finishAndStart of a token": entryWith({
    origin: inSession,
    write: {
      ...writes["job.finishAndStart"],
      args: {
        ...writes["job.finishAndStart"].args,
        finish: { ...finished, token: fencingToken(7) },
      },
    },
  }),
  "session.open with keyDelayMs": entryWith({
    origin: none,
    write: {
      name: "session.open",
      args: { ...writes["session.open"].args, keyDelayMs: 10_000 },
    },
  }),
  ...Object.fromEntries(
    Object.values(writes).map((write) => [write.name, entryWith({ origin: none, write })]),
  ),
};

function golden(): Record<string, string> {
  const text = readFileSync(new URL("./fixtures/entries-v1.json", import.meta.url), "utf8");
  const fixtures: Record<string, string> = JSON.parse(text);
  return fixtures;
}

describe("log entries as bytes", () => {
  test.each(Object.keys(entries))("%s reads back as it was written", (name) => {
    const entry = entries[name] ?? entryWith();

    expect(decodeEntry(encodeEntry(entry))).toEqual(entry);
  });

  test("entries of version 1 are written and read as on the first day", () => {
    const written = Object.fromEntries(
      Object.entries(entries).map(([name, entry]) => [name, hexOf(encodeEntry(entry))]),
    );
    const read = Object.fromEntries(
      Object.entries(golden()).map(([name, hex]) => [name, decodeEntry(Buffer.from(hex, "hex"))]),
    );

    expect(written).toEqual(golden());
    expect(read).toEqual(entries);
  });

  test("an entry of a version that is not known halts, and is not skipped", () => {
    const bytes = encodeEntry(entryWith());
    bytes[0] = 2;

    expect(() => decodeEntry(bytes)).toThrow(UnreadableEntryError);
    expect(() => decodeEntry(bytes)).toThrow(/version is 2.*newer rogerd/);
    expect(() => decodeEntry(new Uint8Array())).toThrow(UnreadableEntryError);
  });

  test("a command that is not known halts, and is not skipped", () => {
    const hex = golden()["partition.stop"] ?? "";
    const bytes = Buffer.from(hex, "hex");
    // 11 = partition.stop stands alone as a one-byte number; 99 is nobody's.
    bytes[bytes.lastIndexOf(11)] = 99;

    expect(() => decodeEntry(bytes)).toThrow(/command 99.*does not know/);
  });

  test("damaged bytes never read as an entry with values of wrong types", () => {
    const whole = encodeEntry(entries["one of each origin"] ?? entryWith());

    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length), (at, byte, cut) => {
        const damaged = whole.slice(0, Math.max(1, cut));
        if (at < damaged.length) damaged[at] = byte;
        try {
          const entry = decodeEntry(damaged);
          // What still reads is an entry: it can be written again.
          const logTime: LogTimeMs = entry.logTime;
          return Number.isSafeInteger(logTime) && encodeEntry(entry).length > 0;
        } catch (error) {
          // A name that is none is a bug of whoever wrote it, and said as one.
          return error instanceof UnreadableEntryError || error instanceof InvariantViolation;
        }
      }),
    );
  });
});

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
