// commands.ts — for each command that a client may send: its arguments, and the command they make.
// `session.expire` is missing on purpose: only the leader proposes it, and never from outside.
import type { ListKind } from "../command.ts";
import { releasableKinds } from "../force-release.ts";
import { jobId, key, openId, selector } from "../ids.ts";
import { defaultLimits, keyDelayMs, listLimitDefault, listLimitMax, wallMsMax } from "../limits.ts";
import { isCursor } from "../read/cursor.ts";
import { readSyncCursor } from "../session/sync-cursor.ts";
import { cancelCommands } from "./cancel-commands.ts";
import type { CheckedArguments, Fields } from "./checked-arguments.ts";
import { type CommandShape, invalid, read, write } from "./command-shape.ts";
import { executionKeyCommands } from "./execution-key-commands.ts";
import {
  choiceField,
  cursorField,
  flagField,
  jobIdsField,
  nameField,
  openIdField,
  optional,
  textField,
  wholeNumberField,
} from "./field.ts";
import { jobCommands } from "./job-commands.ts";
import { partitionCommands } from "./partition-commands.ts";
import { queueKeyCommands } from "./queue-key-commands.ts";

const listKinds: readonly ListKind[] = [
  "cancelMarks",
  "queueKeys",
  "executionKeys",
  "pauses",
  "cancelRules",
  "runs",
  "finishedJobs",
];

const pageFields: Fields = {
  prefix: textField,
  limit: wholeNumberField({ min: 1, max: listLimitMax }),
  cursor: cursorField(isCursor),
};

function page(args: CheckedArguments): {
  readonly prefix: string;
  readonly limit: number;
  readonly cursor: string | undefined;
} {
  return {
    prefix: args.optionalText("prefix") ?? "",
    limit: args.wholeNumber("limit") ?? listLimitDefault,
    cursor: args.optionalText("cursor"),
  };
}

function listKind(args: CheckedArguments): ListKind {
  const wanted = args.text("kind");
  return listKinds.find((kind) => kind === wanted) ?? "cancelMarks";
}

const rogerCommands: readonly [string, CommandShape][] = [
  [
    "roger.cancelJob",
    {
      scope: "partition",
      fields: { jobId: nameField },
      make: (args, partition) =>
        write({ name: "roger.cancelJob", partition, args: { jobId: jobId(args.text("jobId")) } }),
    },
  ],
  [
    "roger.isCancelled",
    {
      scope: "partition",
      fields: { jobId: nameField, remove: flagField },
      make: (args, partition) => {
        const name = "roger.isCancelled";
        const job = jobId(args.text("jobId"));
        if (!args.flag("remove")) return read({ name, partition, args: { jobId: job } });
        return write({ name, partition, args: { jobId: job, remove: true } });
      },
    },
  ],
  [
    "roger.isQueued",
    {
      scope: "partition",
      fields: { key: nameField, add: flagField },
      make: (args, partition) => {
        const name = "roger.isQueued";
        const wanted = key(args.text("key"));
        if (!args.flag("add")) return read({ name, partition, args: { key: wanted } });
        return write({ name, partition, args: { key: wanted, add: true } });
      },
    },
  ],
  [
    "roger.removeQueued",
    {
      scope: "partition",
      fields: { key: nameField },
      make: (args, partition) =>
        write({ name: "roger.removeQueued", partition, args: { key: key(args.text("key")) } }),
    },
  ],
  [
    "roger.isExecuting",
    {
      scope: "partition",
      fields: { key: nameField, add: flagField },
      make: (args, partition) => {
        const name = "roger.isExecuting";
        const wanted = key(args.text("key"));
        if (!args.flag("add")) return read({ name, partition, args: { key: wanted } });
        return write({ name, partition, args: { key: wanted, add: true } });
      },
    },
  ],
  [
    "roger.removeExecuted",
    {
      scope: "partition",
      fields: { key: nameField },
      make: (args, partition) =>
        write({ name: "roger.removeExecuted", partition, args: { key: key(args.text("key")) } }),
    },
  ],
  [
    "roger.queuePause",
    {
      scope: "partition",
      fields: { queue: nameField },
      make: (args, partition) =>
        write({
          name: "roger.queuePause",
          partition,
          args: { queue: selector(args.text("queue")) },
        }),
    },
  ],
  [
    "roger.queueResume",
    {
      scope: "partition",
      fields: { queue: nameField },
      make: (args, partition) =>
        write({
          name: "roger.queueResume",
          partition,
          args: { queue: selector(args.text("queue")) },
        }),
    },
  ],
  [
    "roger.queueGetPaused",
    {
      scope: "partition",
      fields: {},
      make: (_args, partition) => read({ name: "roger.queueGetPaused", partition, args: {} }),
    },
  ],
];

const operatorCommands: readonly [string, CommandShape][] = [
  [
    "cancel.mark",
    {
      scope: "partition",
      fields: {
        jobIds: jobIdsField,
        by: textField,
        reason: textField,
        ttlMs: wholeNumberField(defaultLimits.markTtlMs),
      },
      make: (args, partition) => {
        const jobIds = args.texts("jobIds").map(jobId);
        const [by, reason] = byAndReason(args);
        const ttlMs = args.wholeNumber("ttlMs");
        return write({ name: "cancel.mark", partition, args: { jobIds, by, reason, ttlMs } });
      },
    },
  ],
  [
    "cancel.check",
    {
      scope: "partition",
      fields: { jobId: nameField },
      make: (args, partition) =>
        read({ name: "cancel.check", partition, args: { jobId: jobId(args.text("jobId")) } }),
    },
  ],
  [
    "queue.pause",
    {
      scope: "partition",
      fields: {
        selector: nameField,
        by: textField,
        reason: textField,
        until: wholeNumberField({ min: 0, max: wallMsMax }),
        mode: optional(choiceField(["drain", "stop"])),
      },
      make: (args, partition) => {
        const [by, reason] = byAndReason(args);
        const until = args.wholeNumber("until");
        const pause = {
          selector: selector(args.text("selector")),
          by,
          reason,
          ...(until === undefined ? {} : { until }),
          ...(args.optionalText("mode") === "stop" ? { mode: "stop" as const } : {}),
        };
        return write({ name: "queue.pause", partition, args: pause });
      },
    },
  ],
  [
    "queue.resume",
    {
      scope: "partition",
      fields: { selector: nameField },
      make: (args, partition) => {
        const queues = selector(args.text("selector"));
        return write({ name: "queue.resume", partition, args: { selector: queues } });
      },
    },
  ],
  [
    "admin.release",
    {
      scope: "partition",
      fields: { kind: choiceField(releasableKinds), name: nameField },
      make: (args, partition) => {
        const asked = args.text("kind");
        const kind = releasableKinds.find((known) => known === asked) ?? "executionKey";
        const released = { kind, name: args.text("name") };
        return write({ name: "admin.release", partition, args: released });
      },
    },
  ],
  [
    "get",
    {
      scope: "partition",
      fields: { kind: choiceField(listKinds), name: nameField },
      make: (args, partition) => {
        const wanted = { kind: listKind(args), name: args.text("name") };
        return read({ name: "get", partition, args: wanted });
      },
    },
  ],
  [
    "why",
    {
      scope: "partition",
      fields: { jobId: optional(nameField), key: optional(nameField) },
      make: (args, partition) => {
        const [job, wanted] = [args.optionalText("jobId"), args.optionalText("key")];
        if ((job === undefined) === (wanted === undefined)) {
          return invalid({ path: "args", reason: "must have a jobId or a key" });
        }
        const of = job === undefined ? { key: key(args.text("key")) } : { jobId: jobId(job) };
        return read({ name: "why", partition, args: of });
      },
    },
  ],
  [
    "list",
    {
      scope: "partition",
      fields: { kind: choiceField(listKinds), ...pageFields },
      make: (args, partition) =>
        read({ name: "list", partition, args: { kind: listKind(args), ...page(args) } }),
    },
  ],
];

function byAndReason(args: CheckedArguments): readonly [by: string, reason: string] {
  return [args.optionalText("by") ?? "", args.optionalText("reason") ?? ""];
}

const groupCommands: readonly [string, CommandShape][] = [
  [
    "session.open",
    {
      scope: "group",
      fields: {
        openId: openIdField,
        name: textField,
        ttlMs: wholeNumberField(defaultLimits.sessionTtlMs),
        keyDelayMs: wholeNumberField(keyDelayMs),
      },
      make: (args) => {
        const name = args.optionalText("name") ?? "";
        const ttlMs = args.wholeNumber("ttlMs");
        const delayMs = args.wholeNumber("keyDelayMs");
        const delay = delayMs === undefined ? {} : { keyDelayMs: delayMs };
        const open = { openId: openId(args.text("openId")), name, ttlMs, ...delay };
        return write({ name: "session.open", args: open });
      },
    },
  ],
  [
    "session.close",
    { scope: "group", fields: {}, make: () => write({ name: "session.close", args: {} }) },
  ],
  [
    "session.sync",
    {
      scope: "session",
      fields: { cursor: cursorField((text) => readSyncCursor(text) !== undefined) },
      make: (args, session) => {
        const cursor = args.optionalText("cursor");
        const from = cursor === undefined ? undefined : readSyncCursor(cursor);
        return read({ name: "session.sync", args: { session, from } });
      },
    },
  ],
  [
    "partition.list",
    {
      scope: "group",
      fields: pageFields,
      make: (args) => read({ name: "partition.list", args: page(args) }),
    },
  ],
  [
    "session.list",
    {
      scope: "group",
      fields: pageFields,
      make: (args) => read({ name: "session.list", args: page(args) }),
    },
  ],
];

/** A Map, not an object: a command named like a property of Object.prototype is unknown. */
export const commandShapes: ReadonlyMap<string, CommandShape> = new Map([
  ...rogerCommands,
  ...operatorCommands,
  ...partitionCommands,
  ...cancelCommands,
  ...executionKeyCommands,
  ...queueKeyCommands,
  ...jobCommands,
  ...groupCommands,
]);
