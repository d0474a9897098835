// A semaphore with many holders: what a call costs, and what is told of it, has nothing to do with how many
// hold the key (SEMANTICS §4.7; DESIGN, promise 5).
import { afterEach, describe, expect, test, vi } from "vitest";
import { Worker } from "../../test/jobs.ts";
import {
  aSecondLevel,
  encodeAll,
  keyWrites,
  restored,
  rule,
  smallLimits,
  type World,
  writes,
} from "../../test/world.ts";
import { Holders } from "./holders.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const limits = { answersMax: 40_000, answersBytesMax: 64 * 1024 * 1024 };

interface Semaphore {
  readonly world: World;
  readonly worker: Worker;
}

/** The tokens are 1 to `holders`; every other one is held for a time. */
function aSemaphore(holders: number): Semaphore {
  const world = aSecondLevel(limits);
  world.checksInvariants = false;
  world.write(keyWrites.setRules([rule("k", holders, { maxHoldMs: 60_000 })]));
  const worker = new Worker(world, 1);
  for (let at = 1; at <= holders; at++) worker.call(keyWrites.hold("k", `job-${at}`));
  return { world, worker };
}

/** How often anything of any holder was looked at since. */
function countReads(): () => number {
  let reads = 0;
  const adopting = "adopt" as const;
  const adopt = Holders.prototype[adopting];
  const counted = <Item extends object>(holder: Item): Item =>
    new Proxy(holder, {
      get: (target, name) => {
        reads += 1;
        return Reflect.get(target, name);
      },
    });
  vi.spyOn(Holders.prototype, "adopt").mockImplementation(function (this: Holders, holder) {
    Reflect.apply(adopt, this, [counted(holder)]);
  });
  return () => reads;
}

function readsWith(holders: number): readonly number[] {
  const count = countReads();
  const { world, worker } = aSemaphore(holders);
  const calls = [1, Math.floor(holders / 2), holders].flatMap((at) => [
    () => worker.call(keyWrites.hold("k", `job-${at}`)),
    () => worker.call(keyWrites.wait("k", "job-waits")),
    () => worker.call(keyWrites.release("k", `job-${at}`, at)),
    () => worker.call(keyWrites.hold("k", `job-${at}`)),
    () => worker.call(keyWrites.withdraw("k", "job-waits")),
    () => worker.call(keyWrites.hold("k", `job-${at}`)),
  ]);
  return calls.map((call) => {
    const before = count();
    call();
    void world.state.events;
    return count() - before;
  });
}

describe("a key that many hold", () => {
  test("each call looks at as few holders with 1 000 of them as with 100", () => {
    const few = readsWith(100);
    vi.restoreAllMocks();
    const many = readsWith(1_000);

    // Where one is found by its token: by halves.
    const more = many.map((reads, at) => reads - (few[at] ?? 0));
    expect(Math.max(...more)).toBeLessThanOrEqual(16);
    expect(Math.max(...many)).toBeLessThanOrEqual(320);
  });

  test("an event says who came and who went, and how many hold it now, not who they all are", () => {
    const { world, worker } = aSemaphore(1_000);

    worker.call(keyWrites.release("k", "job-500", 500));
    const [freed] = world.state.events ?? [];
    worker.call(keyWrites.hold("k", "job-500"));
    const [taken] = world.state.events ?? [];

    const gone = { owner: "job-500", session: worker.session, token: 500 };
    expect(freed).toMatchObject({
      type: "executionKey.changed",
      item: { held: 999, came: [], went: [gone] },
    });
    expect(taken).toMatchObject({
      item: { held: 1_000, came: [{ ...gone, token: 1_001 }], went: [] },
    });
    for (const event of [freed, taken]) expect(JSON.stringify(event).length).toBeLessThan(2_000);
  });

  test("one that one holds after another is told as it always was", () => {
    const world = aSecondLevel();
    const worker = new Worker(world, 1);
    worker.call(keyWrites.hold("k", "job-1"));
    worker.call(keyWrites.wait("k", "job-2"));

    worker.call(keyWrites.release("k", "job-1", 1));

    const [event] = (world.state.events ?? []).filter(
      ({ type }) => type === "executionKey.changed",
    );
    expect(Object.keys(event?.item ?? {})).toEqual(["key", "holders"]);
    expect(event?.item).toMatchObject({ holders: [{ owner: "job-2", token: 2 }] });
  });

  test("all end at once: that is one event, as large as what it says", () => {
    const { world } = aSemaphore(100);

    world.write(writes.removeExecuted("k"));

    const [event] = (world.state.events ?? []).filter(({ name }) => name === "k");
    expect(event).toMatchObject({ type: "executionKey.freed", item: null, was: { held: 100 } });
  });

  test("comes back from a snapshot, and goes on as it would have", () => {
    const { world, worker } = aSemaphore(100);
    worker.call(keyWrites.wait("k", "job-waits"));
    const state = restored(smallLimits(limits), encodeAll(world.state).chunks);
    state.checkInvariants();

    worker.call(keyWrites.release("k", "job-7", 7));

    expect(world.state.notices).toMatchObject([{ ending: { kind: "granted", token: 101 } }]);
  });
});
