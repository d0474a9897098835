// A founder is killed before its n-th change of the disk, for many n, with a power cut that keeps nothing
// or everything of what was not synced, or with the loss of the whole disk. Whatever is left must
// find one cluster, or say what to do.
import { describe, expect, test } from "vitest";
import { type Station, type Stations, stations, until } from "../daemons.ts";

/** More than any founder makes from its start until all have formed. */
const changesMax = 100;

/** Some thirty clusters are formed in each test; on a busy machine that takes its time. */
const boundMs = 120_000;

type Loss = "nothing" | "everything" | "disk";

interface Death {
  readonly name: string;
  /** Just before this change of its disk, from 1. */
  readonly change: number;
  readonly loses: Loss;
}

const plans: readonly { readonly name: string; readonly loses: Loss; readonly every: number }[] = [
  { name: "n1", loses: "everything", every: 2 },
  { name: "n1", loses: "nothing", every: 5 },
  { name: "n1", loses: "disk", every: 4 },
  { name: "n2", loses: "everything", every: 3 },
  { name: "n2", loses: "nothing", every: 5 },
  { name: "n2", loses: "disk", every: 4 },
];

describe("a founder that is killed at any step of forming", () => {
  for (const { name, loses, every } of plans) {
    const lost = loses === "disk" ? "its disk" : `${loses} unsynced`;
    test(
      `${name} killed, losing ${lost}: one cluster or a message, never two`,
      async () => {
        let change = 1;
        while (change <= changesMax && (await diesAndComesBack({ name, change, loses }))) {
          change += every;
        }

        expect(change).toBeGreaterThan(20); // it was killed at many steps
      },
      boundMs,
    );
  }
});

/** False when so many changes never came: forming was over before. */
async function diesAndComesBack(death: Death): Promise<boolean> {
  await using cluster = await stations(3);
  const victim = cluster.station(death.name);
  let isDead = false;
  const cut = { keep: death.loses === "nothing" ? "everything" : "nothing" } as const;
  const dies = victim.diesAt({ change: death.change, cut }).then(() => {
    isDead = true;
  });
  await cluster.startAll();
  await until("killed, or formed", () => isDead || cluster.isSettled());
  if (!isDead) return false;
  await dies;
  if (death.loses === "disk") victim.wipe();
  await victim.start();
  const end = `one cluster, or a message, after change ${death.change}`;
  await until(end, () => cluster.isSettled() || (death.loses === "disk" && saysWhatToDo(victim)));

  expect(cluster.clusterIds().filter((id) => id !== undefined).length).toBeLessThanOrEqual(1);
  expect(configurations(cluster)).toBeLessThanOrEqual(1);
  return true;
}

function saysWhatToDo({ failure }: Station): boolean {
  return failure?.exitCode === 78 && /member remove|empty the data director/.test(failure.sentence);
}

/** How many different ones there are among those that have any. */
function configurations(cluster: Stations): number {
  const voters = cluster.all
    .filter((station) => station.isRunning)
    .map((station) => station.daemon.status().raft?.configuration.voters.join() ?? "");
  return new Set(voters.filter((ids) => ids !== "")).size;
}
