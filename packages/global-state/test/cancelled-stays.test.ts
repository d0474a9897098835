// I6: after an acknowledged cancel no later start of that id is admitted within the mark's time, unless it was
// cleared or consumed, or its partition was dropped. Judged from outside: what calls were answered, and who runs,
// holds or waits by the events.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  defaultLimits,
  type EventItem,
  type Outcome,
  type Result,
  type Submission,
  type Write,
} from "../src/index.ts";
import { crowdedScripts } from "./crowded-script.ts";
import { play, type Step } from "./script.ts";
import { encodeAll, restored, smallLimits, World } from "./world.ts";

const dayMs = defaultLimits.markTtlMs.default;

interface Admission {
  readonly job: string;
  /** A run, a hold or a place in a line is one as long as it has this. */
  readonly number: string;
}

/** For the first time, and not refused. */
interface Executed {
  readonly write: Write;
  readonly result: Result;
}

class Watcher {
  /** Until when no start of a job is to be admitted. */
  readonly #cancelledUntil = new Map<string, number>();
  readonly #known = new Set<string>();
  /** Of partitions that have another time than all. */
  readonly #defaultTtlMs = new Map<string, number>();
  admissions = 0;
  refusals = 0;

  /** An entry was applied. Where a job is cancelled and cleared in it, it says nothing of that job. */
  look(world: World, asked: readonly Submission[], outcomes: readonly Outcome[]): void {
    const fresh = asked.flatMap(({ write }, at): readonly Executed[] => {
      const outcome = outcomes[at];
      const isFresh = outcome?.kind === "result" && outcome.revision === world.state.revision;
      return isFresh ? [{ write, result: outcome.result }] : [];
    });
    for (const one of fresh) this.#noteCleared(one);
    this.#judgeAdmissions(world);
    for (const one of fresh) this.#noteCancelled(one, world.state.logTime);
    for (const one of fresh) this.#noteCleared(one);
  }

  #judgeAdmissions({ state }: World): void {
    for (const { partition, item } of state.events ?? []) {
      for (const { job, number } of item === null ? [] : admissionsOf(item)) {
        if (this.#known.has(number)) continue;
        this.#known.add(number);
        this.admissions += 1;
        const until = this.#cancelledUntil.get(`${partition} ${job}`) ?? 0;
        if (state.logTime < until) throw new Error(`I6: ${job} is cancelled until ${until}`);
      }
    }
  }

  #noteCancelled({ write, result }: Executed, logTime: number): void {
    if (result.status === "cancelled") this.refusals += 1;
    if (write.name === "partition.update") this.#noteDefault(write);
    if (!("partition" in write)) return;
    const { partition } = write;
    const defaultTtlMs = this.#defaultTtlMs.get(partition) ?? dayMs;
    const until = (ttlMs = defaultTtlMs): number => logTime + ttlMs;
    if (write.name === "cancel.mark" && result.status === "marked") {
      for (const job of write.args.jobIds) this.#cancel(partition, job, until(write.args.ttlMs));
    }
    if (write.name === "roger.cancelJob" && result.status === "ok") {
      this.#cancel(partition, write.args.jobId, until());
    }
    if (write.name !== "queueKey.claim" || write.args.onConflict !== "replaceAndCancel") return;
    const replaced = result.status === "replaced" ? result.previous.owner : null;
    if (replaced !== null) this.#cancel(partition, replaced, until());
  }

  #noteDefault({ args, partition }: Extract<Write, { name: "partition.update" }>): void {
    const { markTtlMs } = args.defaults;
    if (markTtlMs === null) this.#defaultTtlMs.delete(partition);
    else if (markTtlMs !== undefined) this.#defaultTtlMs.set(partition, markTtlMs);
  }

  #cancel(partition: string, job: string, until: number): void {
    const name = `${partition} ${job}`;
    this.#cancelledUntil.set(name, Math.max(until, this.#cancelledUntil.get(name) ?? 0));
  }

  #noteCleared({ write }: Executed): void {
    if (write.name === "cancel.clear") {
      for (const job of write.args.jobIds) this.#cancelledUntil.delete(`${write.partition} ${job}`);
    } else if (write.name === "roger.isCancelled") {
      this.#cancelledUntil.delete(`${write.partition} ${write.args.jobId}`);
    } else if (write.name === "partition.drop") {
      this.#defaultTtlMs.delete(write.partition);
      for (const name of this.#cancelledUntil.keys()) {
        if (name.startsWith(`${write.partition} `)) this.#cancelledUntil.delete(name);
      }
    }
  }
}

function admissionsOf(item: EventItem): readonly Admission[] {
  if ("ticket" in item) return [{ job: item.owner, number: `ticket ${item.ticket}` }];
  if ("holders" in item) {
    return item.holders.map(({ owner, token }) => ({ job: owner ?? "", number: `hold ${token}` }));
  }
  return "token" in item ? [{ job: item.jobId, number: `run ${item.token}` }] : [];
}

/** In every second one, each call is an entry of its own: there the order is exact. */
const anyScripts = fc
  .tuple(crowdedScripts({ min: 20, max: 80 }), fc.boolean())
  .map(([script, isOneByOne]) => (isOneByOne ? script.flatMap(oneByOne) : script));

function oneByOne(step: Step): readonly Step[] {
  const { submissions, waitMs } = step;
  return submissions.map((one, at) => ({
    ...step,
    waitMs: at === 0 ? waitMs : 0,
    submissions: [one],
  }));
}

test("what is cancelled neither starts, nor waits, nor holds before its time (I6, property)", () => {
  let [admissions, refusals] = [0, 0];
  fc.assert(
    fc.property(anyScripts, fc.nat(80), fc.boolean(), (script, restartAt, isTight) => {
      // With little work in an entry a mark may leave somebody in line: then the grant has to see it.
      const limits = smallLimits(isTight ? { workMax: 2, dueMax: 2 } : {});
      const world = new World(limits);
      world.checksInvariants = false;
      const watcher = new Watcher();
      for (const [at, step] of script.entries()) {
        if (at === restartAt) world.state = restored(limits, encodeAll(world.state).chunks);
        watcher.look(world, step.submissions, play(world, step));
      }
      admissions += watcher.admissions;
      refusals += watcher.refusals;
    }),
    { numRuns: 120 },
  );
  expect(admissions).toBeGreaterThan(500);
  expect(refusals).toBeGreaterThan(100);
});
