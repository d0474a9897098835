// time.ts — time moves when a story says so, and nodes wake when it says so.
import { later } from "../../../packages/raft/src/core/ids.ts";
import type { World } from "../world.ts";
import type { Command } from "./command.ts";

export const time: Readonly<Record<string, Command>> = {
  elect: {
    usage: "elect n1",
    does: "n1's election timeout passes, as often as it takes, until it leads",
    read: (words) => {
      const name = words.node();
      return ({ world }) => elect(world, name);
    },
  },
  timeout: {
    usage: "timeout n2",
    does: "time goes on to n2's election timeout, and it acts; nobody else wakes",
    read: (words) => {
      const name = words.node();
      return ({ world }) => {
        const { role } = world.running(name).core.positions;
        if (role === "leader") world.fail(`${name} leads: it waits for no leader`);
        world.cluster.wake(name);
      };
    },
  },
  heartbeat: {
    usage: "heartbeat n1",
    does: "time goes on to the leader n1's next heartbeat, and it acts; nobody else wakes",
    read: (words) => {
      const name = words.node();
      return ({ world }) => {
        const { role } = world.running(name).core.positions;
        if (role !== "leader") world.fail(`${name} is a ${role}: only a leader has heartbeats`);
        world.cluster.wake(name);
      };
    },
  },
  pass: {
    usage: "pass 1000",
    does: "so many milliseconds pass, and everybody acts when it is due",
    read: (words) => {
      const durationMs = words.count("milliseconds");
      return ({ world }) => pass(world, durationMs);
    },
  },
  wait: {
    usage: "wait 400",
    does: "so many milliseconds pass, and nobody acts",
    read: (words) => {
      const durationMs = words.count("milliseconds");
      return ({ world: { cluster } }) => {
        cluster.clock.now = later(cluster.clock.now, durationMs);
      };
    },
  },
};

function elect(world: World, name: string): void {
  const { cluster, settings } = world;
  if (world.running(name).core.positions.role === "leader") world.fail(`${name} leads already`);
  // Nobody trusts an earlier leader any more.
  cluster.clock.now = later(cluster.clock.now, settings.electionTimeoutMinMs);
  for (let attempt = 0; attempt < 20; attempt++) {
    cluster.wake(name);
    world.settle();
    if (cluster.leader?.name === name) return;
  }
  world.fail(`${name} is not elected`);
}

function pass(world: World, durationMs: number): void {
  const { cluster } = world;
  const end = later(cluster.clock.now, durationMs);
  for (;;) {
    world.settle();
    const next = cluster.running
      .filter(({ core, name }) => core.wakeAt <= end && !cluster.isFrozen(name))
      .sort((left, right) => left.core.wakeAt - right.core.wakeAt)[0];
    if (next === undefined) break;
    cluster.wake(next.name);
  }
  if (cluster.clock.now < end) cluster.clock.now = end;
}
