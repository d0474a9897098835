// The differential test of SEMANTICS §1: Roger's model, nine lines, against the state machine.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  jobId,
  key,
  type PartitionId,
  partitionId,
  type Read,
  type Refusal,
  type Result,
  type Submission,
  selector,
  type Write,
} from "../src/index.ts";
import { crowdedScripts } from "./crowded-script.ts";
import { play } from "./script.ts";
import { bodyOf, noOrigin, raiseLevel, World } from "./world.ts";

interface Sets {
  readonly cancel: Set<string>;
  readonly queue: Set<string>;
  readonly exec: Set<string>;
  readonly paused: Set<string>;
}

interface PartitionCall {
  readonly form: "start" | "stop" | "drop" | "getPaused";
  readonly p: string;
}

type SetCall =
  | {
      readonly form: "cancelJob" | "isCancelled" | "consume";
      readonly p: string;
      readonly x: string;
    }
  | {
      readonly form: "isQueued" | "addQueued" | "removeQueued";
      readonly p: string;
      readonly x: string;
    }
  | {
      readonly form: "isExecuting" | "addExecuting" | "removeExecuted";
      readonly p: string;
      readonly x: string;
    }
  | { readonly form: "pause" | "resume"; readonly p: string; readonly x: string };

type Call = PartitionCall | SetCall;

type Reply = "ok" | "not_started" | boolean | readonly string[];

class RogerModel {
  readonly #partitions = new Map<string, Sets>();
  readonly #started = new Set<string>();

  ask(call: Call): Reply {
    if (call.form === "start") return this.#start(call.p);
    if (call.form === "stop") return this.#started.delete(call.p) ? "ok" : "ok";
    if (call.form === "drop") return this.#drop(call.p);
    const sets = this.#started.has(call.p) ? this.#partitions.get(call.p) : undefined;
    if (sets === undefined) return "not_started";
    return "x" in call ? askSets(sets, call) : [...sets.paused].sort();
  }

  /** Which Roger has not: all of it is gone, and begins with nothing when it is started again. */
  #drop(p: string): Reply {
    this.#started.delete(p);
    this.#partitions.delete(p);
    return "ok";
  }

  #start(p: string): Reply {
    this.#started.add(p);
    if (!this.#partitions.has(p)) {
      const empty = { cancel: new Set<string>(), queue: new Set<string>() };
      this.#partitions.set(p, { ...empty, exec: new Set(), paused: new Set() });
    }
    return "ok";
  }
}

function add(set: Set<string>, x: string): boolean {
  const before = set.has(x);
  set.add(x);
  return before;
}

function done(_changed: unknown): Reply {
  return "ok";
}

function askSets(sets: Sets, call: SetCall): Reply {
  const { x } = call;
  switch (call.form) {
    case "cancelJob":
      return done(sets.cancel.add(x));
    case "isCancelled":
      return sets.cancel.has(x);
    case "consume":
      return sets.cancel.delete(x);
    case "isQueued":
      return sets.queue.has(x);
    case "addQueued":
      return add(sets.queue, x);
    case "removeQueued":
      return done(sets.queue.delete(x));
    case "isExecuting":
      return sets.exec.has(x);
    case "addExecuting":
      return add(sets.exec, x);
    case "removeExecuted":
      return done(sets.exec.delete(x));
    case "pause":
      return done(sets.paused.add(x));
    case "resume":
      return done(sets.paused.delete(x));
    default:
      return unknownForm(call);
  }
}

type Command = { readonly write: Write } | { readonly read: Read };

function commandOf(call: Call): Command {
  const partition = partitionId(call.p);
  if (call.form === "start") return { write: { name: "partition.start", partition, args: {} } };
  if (call.form === "stop") return { write: { name: "partition.stop", partition, args: {} } };
  if (call.form === "drop") return { write: { name: "partition.drop", partition, args: {} } };
  if ("x" in call) return commandIn(partition, call);
  return { read: { name: "roger.queueGetPaused", partition, args: {} } };
}

function unknownForm(call: never): never {
  throw new Error(`no such form: ${JSON.stringify(call)}`);
}

function commandIn(partition: PartitionId, call: SetCall): Command {
  const { x } = call;
  switch (call.form) {
    case "cancelJob":
      return { write: { name: "roger.cancelJob", partition, args: { jobId: jobId(x) } } };
    case "isCancelled":
      return { read: { name: "roger.isCancelled", partition, args: { jobId: jobId(x) } } };
    case "consume":
      return {
        write: { name: "roger.isCancelled", partition, args: { jobId: jobId(x), remove: true } },
      };
    case "isQueued":
      return { read: { name: "roger.isQueued", partition, args: { key: key(x) } } };
    case "addQueued":
      return { write: { name: "roger.isQueued", partition, args: { key: key(x), add: true } } };
    case "removeQueued":
      return { write: { name: "roger.removeQueued", partition, args: { key: key(x) } } };
    case "isExecuting":
      return { read: { name: "roger.isExecuting", partition, args: { key: key(x) } } };
    case "addExecuting":
      return { write: { name: "roger.isExecuting", partition, args: { key: key(x), add: true } } };
    case "removeExecuted":
      return { write: { name: "roger.removeExecuted", partition, args: { key: key(x) } } };
    case "pause":
      return { write: { name: "roger.queuePause", partition, args: { queue: selector(x) } } };
    case "resume":
      return { write: { name: "roger.queueResume", partition, args: { queue: selector(x) } } };
    default:
      return unknownForm(call);
  }
}

function ask(world: World, call: Call): Reply {
  const command = commandOf(call);
  return replyOf("write" in command ? world.write(command.write) : world.read(command.read));
}

function replyOf(body: Result | Refusal): Reply {
  if ("code" in body) return body.code === "not_started" ? "not_started" : [body.code];
  if (body.status === "member") return body.before;
  if (body.status === "paused") return body.queues;
  return "ok";
}

const p = fc.constantFrom("p1", "p2", "p3");
const form = fc.constantFrom(
  "cancelJob",
  "isCancelled",
  "consume",
  "isQueued",
  "addQueued",
  "removeQueued",
  "isExecuting",
  "addExecuting",
  "removeExecuted",
  "pause",
  "resume",
);
function callsAbout(x: fc.Arbitrary<string>): fc.Arbitrary<Call> {
  return fc.oneof(
    { weight: 30, arbitrary: fc.record({ form, p, x }) },
    { weight: 3, arbitrary: fc.record({ form: fc.constantFrom("getPaused"), p }) },
    { weight: 2, arbitrary: fc.record({ form: fc.constantFrom("start"), p }) },
    { weight: 1, arbitrary: fc.record({ form: fc.constantFrom("stop", "drop"), p }) },
  );
}

test("twenty times five hundred random calls are answered as Roger answers them (I9)", () => {
  const call = callsAbout(fc.nat(12).map((at) => `x${at}`));
  const calls = fc.array(call, { minLength: 500, maxLength: 500 });
  fc.assert(
    fc.property(calls, (all) => {
      const world = new World();
      world.write(raiseLevel);
      const model = new RogerModel();
      const ours = all.map((one) => ask(world, one));
      expect(ours).toEqual(all.map((one) => model.ask(one)));
    }),
    { numRuns: 20 },
  );
});

/** Other partitions have waiting jobs, marks that end, limits, sessions that end: in the same entries, and between. */
test("they are answered so beside partitions that are busy with all other commands (I9, V19)", () => {
  const busyNames = [
    "job-0",
    "job-1",
    "job-2",
    "a",
    "b",
    "b/1",
    "q",
    "r",
    "key-1",
    "mail",
    "images",
  ];
  const call = callsAbout(fc.constantFrom(...busyNames));
  const calls = fc.array(call, { minLength: 60, maxLength: 60, size: "max" });
  fc.assert(
    fc.property(crowdedScripts({ min: 20, max: 20 }), calls, (script, all) => {
      const world = new World();
      world.checksInvariants = false;
      const model = new RogerModel();
      for (const [at, step] of script.entries()) {
        const now = all.slice(3 * at, 3 * at + 3);
        const writes = now.filter((one) => "write" in commandOf(one));
        const reads = now.filter((one) => !writes.includes(one));
        const submissions = [...step.submissions, ...writes.map(submissionOf)];
        const answers = play(world, { ...step, submissions }).slice(step.submissions.length);

        const told = answers.map((outcome) => replyOf(bodyOf(outcome)));
        expect(told).toEqual(writes.map((one) => model.ask(one)));
        expect(reads.map((one) => ask(world, one))).toEqual(reads.map((one) => model.ask(one)));
      }
    }),
    { numRuns: 60 },
  );
});

function submissionOf(one: Call): Submission {
  const command = commandOf(one);
  if (!("write" in command)) throw new Error("a read is in no entry");
  return { origin: noOrigin, write: command.write };
}
