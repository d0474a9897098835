// I3: a token is greater than all that were given in entries before, whatever was dropped, restored or brought into
// another cluster meanwhile, and is given once. Judged from outside: who holds and who runs by the events.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { EventItem, GlobalState, Outcome, Submission } from "../src/index.ts";
import { crowdedScripts } from "./crowded-script.ts";
import { play, type Step } from "./script.ts";
import {
  acme,
  encodeAll,
  inSession,
  noOrigin,
  other,
  raiseLevel,
  restored,
  start,
  World,
} from "./world.ts";

class Watcher {
  #highest = 0;
  /** To whom each was given. */
  readonly #given = new Map<number, string>();

  get given(): number {
    return this.#given.size;
  }

  look({ state }: World): void {
    const before = this.#highest;
    for (const { item, partition } of state.events ?? []) {
      for (const { token, to } of item === null ? [] : grantsOf(item)) {
        const known = this.#given.get(token);
        if (known === undefined && token <= before) throw new Error(`I3: ${token} after ${before}`);
        const name = `${partition} ${to}`;
        if (known !== undefined && known !== name) throw new Error(`I3: ${token} twice`);
        this.#given.set(token, name);
        this.#highest = Math.max(this.#highest, token);
      }
    }
  }
}

/** Of a run with a key the key's holder has the same: both are of one job. */
function grantsOf(item: EventItem): readonly { readonly token: number; readonly to: string }[] {
  if ("holders" in item) return item.holders.map(({ owner, token }) => ({ token, to: `${owner}` }));
  return "token" in item ? [{ token: item.token, to: item.jobId }] : [];
}

interface Disturbance {
  readonly drops: typeof acme | undefined;
  readonly isRestarted: boolean;
}

const disturbances = fc.infiniteStream(
  fc.record({
    drops: fc.constantFrom(...[0, 1, 2, 3, 4, 5].map(() => undefined), acme, other),
    isRestarted: fc.nat(9).map((dice) => dice === 0),
  }),
);

/** Who was dropped is started again as soon as it can be. */
function disturbed(step: Step, { drops }: Disturbance): Step {
  const starts = [acme, other].map((partition): Submission => {
    return { origin: noOrigin, write: { ...start, partition } };
  });
  const dropping: readonly Submission[] =
    drops === undefined
      ? []
      : [{ origin: noOrigin, write: { name: "partition.drop", partition: drops, args: {} } }];
  return { ...step, submissions: [...starts, ...step.submissions, ...dropping] };
}

/** With the sessions that its first step has opened, and numbers that no step before it had. */
function renumbered(
  step: Step,
  as: { readonly sessions: readonly number[]; readonly from: number },
): Step {
  const submissions = step.submissions.map((one): Submission => {
    if (one.origin.kind !== "session") return one;
    const { session, sequence, floor } = one.origin;
    const origin = inSession(as.sessions[session - 1] ?? session, as.from + sequence, floor);
    return { ...one, origin };
  });
  return { ...step, submissions };
}

function sessionsOf(outcomes: readonly Outcome[]): readonly number[] {
  return outcomes.flatMap((outcome) =>
    outcome.kind === "result" && outcome.result.status === "opened" ? [outcome.result.session] : [],
  );
}

/** Tokens may have been given since, of which who goes on from it knows nothing. */
interface Backup {
  readonly chunks: readonly Uint8Array[];
  readonly plan: ReturnType<GlobalState["importPlan"]>;
}

function backupOf({ state }: World): Backup {
  const { chunks, root } = encodeAll(state);
  return { chunks, plan: state.importPlan(root) };
}

/** A new cluster, without sessions. */
function imported({ plan }: Backup): World {
  const fresh = new World();
  fresh.write(raiseLevel);
  for (const write of [plan.begin, ...plan.steps, plan.end]) fresh.write(write);
  return fresh;
}

/** The same cluster: one node of a lost one was not up to date. */
function recovered(world: World, { chunks }: Backup): World {
  world.state = restored(undefined, chunks);
  world.write({ name: "admin.leapTokens", args: {} });
  return world;
}

class Play {
  readonly #watcher = new Watcher();
  readonly #choices: Iterator<Disturbance>;
  #from = 0;

  constructor(choices: Iterator<Disturbance>) {
    this.#choices = choices;
  }

  get given(): number {
    return this.#watcher.given;
  }

  /** Beginning with a step that opens sessions. */
  steps(world: World, steps: readonly Step[]): void {
    world.checksInvariants = false;
    this.#from += 500;
    let sessions: readonly number[] = [];
    for (const step of steps) {
      const choice: Disturbance = this.#choices.next().value;
      if (choice.isRestarted) world.state = restored(undefined, encodeAll(world.state).chunks);
      const numbered = renumbered(step, { sessions, from: this.#from });
      const outcomes = play(world, disturbed(numbered, choice));
      this.#watcher.look(world);
      if (sessions.length === 0) sessions = sessionsOf(outcomes);
    }
  }
}

test("grow over drops, restores, imports and recoveries, and each is given once (I3, property)", () => {
  const script = crowdedScripts({ min: 10, max: 40 });
  const scripts = fc.tuple(script, script, script);
  let [before, after] = [0, 0];
  fc.assert(
    fc.property(scripts, disturbances, fc.boolean(), (all, choices, isImport) => {
      const played = new Play(choices);
      const old = new World();
      played.steps(old, all[0]);
      const backup = backupOf(old);
      played.steps(old, all[1]);
      const given = played.given;
      played.steps(isImport ? imported(backup) : recovered(old, backup), all[2]);
      before += given;
      after += played.given - given;
    }),
    { numRuns: 60 },
  );
  expect(before).toBeGreaterThan(500);
  expect(after).toBeGreaterThan(250);
});
