// All pages of a list are at one revision (SEMANTICS §3): of every kind, whatever is applied between them.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type ListRead, type ListView, partitionId } from "../src/index.ts";
import { crowdedScripts } from "./crowded-script.ts";
import { play, scripts } from "./script.ts";
import { World } from "./world.ts";

const kinds = [
  ...(["cancelMarks", "queueKeys", "executionKeys", "pauses"] as const),
  ...(["cancelRules", "runs", "finishedJobs"] as const),
];
const page = { prefix: "", limit: 1, cursor: undefined };
const lists: readonly ListRead[] = [
  { name: "partition.list", args: page },
  { name: "session.list", args: page },
  ...["acme", "other"].flatMap((id) =>
    kinds.map((kind): ListRead => {
      return { name: "list", partition: partitionId(id), args: { kind, ...page } };
    }),
  ),
];

interface Walk {
  readonly view: ListView;
  next: string | null;
  readonly shown: unknown[];
  readonly expected: readonly unknown[];
}

/** Undefined: it has one page. */
function begun(world: World, read: ListRead): Walk | undefined {
  const first = world.read(read);
  if (!("status" in first) || first.status !== "list" || first.next === null) return undefined;
  const all = { ...read, args: { ...read.args, limit: 1_000 } } as ListRead;
  const whole = world.read(all);
  if (!("status" in whole) || whole.status !== "list") throw new Error("a list");
  const { next, items } = first;
  const owner = { held: () => undefined, closed: () => undefined };
  const expected = structuredClone(whole.items);
  return { view: world.state.openView(read, { next, owner }), next, shown: [...items], expected };
}

function goOn(walk: Walk): void {
  if (walk.next === null) return;
  const shown = walk.view.page({ limit: 1, cursor: walk.next });
  if (shown === undefined) throw new Error("kept");
  walk.shown.push(...shown.items);
  walk.next = shown.next;
  if (shown.next === null) walk.view.close();
}

test("every list that is walked while anything happens is that of its first page (property)", () => {
  let walks = 0;
  fc.assert(
    fc.property(
      fc.oneof(scripts({ min: 5, max: 60 }), crowdedScripts({ min: 5, max: 60 })),
      fc.infiniteStream(fc.nat(9)),
      (script, dice) => {
        const world = new World();
        const open: Walk[] = [];
        for (const step of script) {
          play(world, step);
          if (dice.next().value === 0) {
            open.push(...lists.flatMap((read) => begun(world, read) ?? []));
          }
          if ((dice.next().value ?? 0) < 3) for (const walk of open) goOn(walk);
        }
        for (const walk of open) {
          while (walk.next !== null) goOn(walk);
          expect(walk.shown).toEqual(walk.expected);
        }
        walks += open.length;
      },
    ),
    { numRuns: 150 },
  );
  expect(walks).toBeGreaterThan(500);
});
