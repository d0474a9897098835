// script-of-jobs.ts — random histories of jobs over few keys, few clients and few ids, so that they meet.
import * as fc from "fast-check";
import {
  type FencingToken,
  fencingToken,
  jobId,
  type PartitionId,
  type PartitionWrite,
  key as toKey,
} from "../src/index.ts";
import { finishOf, type StartHow, startOf } from "./jobs.ts";
import type { ModelRule } from "./key-model.ts";
import type { ModelSettings } from "./model-tables.ts";

const outcomes = ["completed", "cancelled", "dead", "retry"] as const;

export type JobStep =
  | { readonly kind: "start"; readonly client: number; readonly job: string; how: StartHow }
  | { readonly kind: "finish"; readonly client: number; readonly job: string; how: FinishHow }
  | { readonly kind: "next"; readonly client: number; job: string; next: string; how: StartHow }
  | { readonly kind: "acquire"; readonly client: number; of: Of; isWait: boolean }
  | { readonly kind: "withdraw"; readonly client: number; readonly of: Of }
  | { readonly kind: "release"; readonly of: Of; readonly token: number }
  | { readonly kind: "mark" | "clear"; readonly job: string }
  | { readonly kind: "rule"; readonly queue: string; readonly tag: string | undefined }
  | { readonly kind: "pause"; readonly queue: string; readonly mode: "drain" | "stop" }
  | { readonly kind: "claim"; readonly queueKey: string; readonly job: string }
  | { readonly kind: "limits"; readonly rules: readonly ModelRule[] }
  | { readonly kind: "roger"; readonly name: "add" | "remove"; readonly key: string }
  | { readonly kind: "end"; readonly client: number; readonly how: "closed" | "expired" }
  | { readonly kind: "pass"; readonly ms: number }
  | { readonly kind: "settings"; readonly limits: Partial<ModelSettings> }
  | { readonly kind: "resume" | "removeRules" | "restore" | "drop" };
export interface Of {
  readonly key: string;
  readonly owner: string;
}
interface FinishHow {
  readonly outcome: (typeof outcomes)[number];
  readonly keepQueueKey: boolean;
  readonly rememberMs: number | undefined;
  readonly token: FencingToken | undefined;
}

const key = fc.constantFrom("a", "b", "b/1");
const job = fc.nat(6).map((at) => `job-${at}`);
const client = fc.nat(3);
const queue = fc.constantFrom("mail", "images");
const queueKey = fc.constantFrom("q", "r");
const shortMs = fc.integer({ min: 1, max: 900 });
const kind = <Kind extends string>(name: Kind): fc.Arbitrary<Kind> => fc.constant(name);

const how: fc.Arbitrary<StartHow> = fc
  .record(
    {
      queue,
      queueKey,
      uniqueUntil: fc.constantFrom("start" as const, "finish" as const),
      key: fc.oneof({ weight: 4, arbitrary: key }, { weight: 1, arbitrary: kind("c") }),
      isReject: fc.nat(4).map((dice) => dice === 0),
      waitTimeoutMs: fc.option(shortMs, { nil: undefined, freq: 2 }),
      takeover: fc.boolean(),
      tags: fc.constantFrom<readonly string[]>([], ["t"]),
    },
    { requiredKeys: ["queue", "uniqueUntil", "isReject", "waitTimeoutMs", "takeover", "tags"] },
  )
  .map(({ isReject, waitTimeoutMs, ...start }) => {
    if (isReject) return { ...start, onBusy: "reject" };
    return { ...start, ...(waitTimeoutMs === undefined ? {} : { waitTimeoutMs }) };
  });

const finishing: fc.Arbitrary<FinishHow> = fc.record({
  outcome: fc.constantFrom(...outcomes),
  keepQueueKey: fc.boolean(),
  rememberMs: fc.constantFrom(undefined, undefined, undefined, 300),
  token: fc.option(fc.integer({ min: 1, max: 30 }).map(fencingToken), { nil: undefined, freq: 3 }),
});

const limitRules = fc
  .uniqueArray(fc.constantFrom("", "b", "b/"), { maxLength: 3 })
  .chain((prefixes) =>
    fc.tuple(
      ...prefixes.map((prefix) =>
        fc.record({
          prefix: fc.constant(prefix),
          limit: fc.integer({ min: 1, max: 3 }),
          maxHoldMs: fc.constantFrom(undefined, undefined, 300),
          maxWaiters: fc.constantFrom(undefined, undefined, 2),
        }),
      ),
    ),
  );

const few = fc.option(fc.nat(4));
const settings: fc.Arbitrary<Partial<ModelSettings>> = fc
  .record({ runs: few, cancelMarks: few, queueKeys: few }, { requiredKeys: [] })
  .filter((limits) => Object.keys(limits).length > 0);

const of = fc.record({ key, owner: job });
const common: fc.Arbitrary<JobStep> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: kind("start"), client, job, how }) },
  { weight: 8, arbitrary: fc.record({ kind: kind("finish"), client, job, how: finishing }) },
  { weight: 2, arbitrary: fc.record({ kind: kind("next"), client, job, next: job, how }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: kind("acquire"), client, of, isWait: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ kind: kind("withdraw"), client, of }) },
  { weight: 3, arbitrary: fc.record({ kind: kind("release"), of, token: fc.nat(30) }) },
  { weight: 3, arbitrary: fc.record({ kind: kind("claim"), queueKey, job }) },
  { weight: 2, arbitrary: fc.record({ kind: kind("pass"), ms: fc.nat(400) }) },
  { weight: 1, arbitrary: fc.record({ kind: kind("restore") }) },
);
const seldom: fc.Arbitrary<JobStep> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: kind("mark"), job }) },
  { weight: 2, arbitrary: fc.record({ kind: kind("clear"), job }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: kind("rule"), queue, tag: fc.constantFrom(undefined, "t") }),
  },
  { weight: 2, arbitrary: fc.record({ kind: kind("removeRules") }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: kind("pause"),
      queue: fc.constantFrom("mail", "images", "*"),
      mode: fc.constantFrom("drain" as const, "stop" as const),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: kind("resume") }) },
  { weight: 1, arbitrary: fc.record({ kind: kind("drop") }) },
  { weight: 1, arbitrary: fc.record({ kind: kind("settings"), limits: settings }) },
  { weight: 2, arbitrary: fc.record({ kind: kind("limits"), rules: limitRules }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: kind("roger"),
      name: fc.constantFrom("add" as const, "remove" as const),
      key,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: kind("end"),
      client,
      how: fc.constantFrom("closed" as const, "expired" as const),
    }),
  },
);
const step = fc.oneof({ weight: 4, arbitrary: common }, { weight: 1, arbitrary: seldom });
export const jobSteps: fc.Arbitrary<readonly JobStep[]> = fc.array(step, {
  minLength: 10,
  maxLength: 120,
  size: "max",
});

/** The same as commands, for histories of entries (script.ts); those that need a session may be without. */
export function jobbing(partition: fc.Arbitrary<PartitionId>): fc.Arbitrary<PartitionWrite> {
  const start = fc.tuple(job, how).map(([id, asked]) => startOf(id, asked));
  const finish = fc
    .tuple(job, finishing)
    .map(([id, { outcome, keepQueueKey, rememberMs, token }]) => {
      const remembered = outcome === "retry" ? undefined : rememberMs;
      return finishOf(id, outcome, { keepQueueKey, rememberMs: remembered, token });
    });
  return fc.oneof(
    { weight: 6, arbitrary: namedBy("job.start", start) },
    { weight: 5, arbitrary: namedBy("job.finish", finish) },
    { weight: 1, arbitrary: namedBy("job.finishAndStart", fc.record({ finish, start })) },
    {
      weight: 2,
      arbitrary: fc.tuple(partition, of, fc.boolean()).map(([id, { key: name, owner }, isWait]) => {
        const mode = isWait ? ("wait" as const) : ("try" as const);
        const args = { key: toKey(name), owner: jobId(owner), mode, waitTimeoutMs: undefined };
        return { name: "executionKey.acquire", partition: id, args } as const;
      }),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(partition, of).map(([id, { key: name, owner }]) => {
        const args = { key: toKey(name), owner: jobId(owner) };
        return { name: "executionKey.withdraw", partition: id, args } as const;
      }),
    },
    { weight: 1, arbitrary: namedBy("executionKey.setRules", fc.record({ rules: limitRules })) },
  );

  function namedBy<Name extends PartitionWrite["name"], Args>(
    name: Name,
    args: fc.Arbitrary<Args>,
  ): fc.Arbitrary<{ readonly name: Name; readonly partition: PartitionId; readonly args: Args }> {
    return fc.record({ name: fc.constant(name), partition, args });
  }
}
