// nodes.ts — what happens to processes, their disks, state machines and snapshots.
import { configurationOf } from "../../../packages/raft/test/cluster.ts";
import { logWords, statusWords } from "../status-words.ts";
import type { Words } from "../words.ts";
import type { Part, World } from "../world.ts";
import type { Act, Command } from "./command.ts";

export const nodes: Readonly<Record<string, Command>> = {
  kill: {
    usage: "kill n1",
    does: "the process dies: what was not written is gone, the others see its connections close",
    read: withNode((world, name) => {
      world.running(name);
      world.cluster.kill(name);
    }),
  },
  crash: {
    usage: "crash n1",
    does: "the power fails: what was not written is gone, and nobody sees anything",
    read: withNode((world, name) => world.running(name).crash()),
  },
  start: {
    usage: "start n1",
    does: "starts again with what is on its disk",
    read: withNode(start),
  },
  freeze: {
    usage: "freeze n1",
    does: "the process stops where it stands; what is sent to it waits",
    read: withNode((world, name) => world.cluster.freeze(name)),
  },
  thaw: {
    usage: "thaw n1",
    does: "and goes on",
    read: withNode((world, name) => {
      if (!world.cluster.isFrozen(name)) world.fail(`${name} is not frozen`);
      world.cluster.thaw(name);
    }),
  },
  disconnect: {
    usage: "disconnect n2 from n1",
    does: "n2 sees its last connection to n1 close",
    read: (words) => {
      const name = words.node();
      if (!words.took("from")) words.fail("from is missing");
      const peer = words.node();
      return ({ world }) => world.cluster.disconnect(name, peer);
    },
  },
  found: {
    usage: "found n1 n2 n3",
    does: "n1 founds the cluster with these voters",
    read: (words) => {
      const names = words.nodes();
      return ({ world }) => {
        world.cluster.bootstrap(names[0] ?? "", configurationOf({ voters: names }));
      };
    },
  },
  slow: {
    usage: "slow disk|apply|chunks|snapshot n1",
    does: "writes, applied entries, chunks or snapshots of its own wait for write, apply, chunk, taken",
    read: withPart((world, part, name) => world.slow(part, world.running(name))),
  },
  quick: {
    usage: "quick disk|apply|chunks|snapshot n1",
    does: "and do not wait any more",
    read: withPart((world, part, name) => world.quick(part, world.running(name))),
  },
  write: {
    usage: "write n1 [2 [together]]",
    does: "the oldest write of a slow disk is finished, or so many: one by one, or with one sync",
    read: (words) => {
      const name = words.node();
      const count = words.counts()[0] ?? 1;
      const sizes = words.took("together") ? [count] : Array.from({ length: count }, () => 1);
      return ({ world }) => {
        for (const size of sizes) write(world, name, size);
      };
    },
  },
  apply: {
    usage: "apply n1",
    does: "the state machine has applied what it was told first",
    read: withNode(apply),
  },
  chunk: {
    usage: "chunk n1",
    does: "the storage answers for the oldest chunk that it was asked to load or to store",
    read: withNode(chunk),
  },
  stall: {
    usage: "stall n1",
    does: "the driver says that the oldest write takes longer than an election timeout",
    read: withNode((world, name) => {
      world.running(name).input({ kind: "disk-stalled", stalled: true });
    }),
  },
  unstall: {
    usage: "unstall n1",
    does: "the driver says that the disk has caught up",
    read: withNode((world, name) => {
      world.running(name).input({ kind: "disk-stalled", stalled: false });
    }),
  },
  diverge: {
    usage: "diverge n1",
    does: "the driver says that the state of n1 is not the majority's",
    read: withNode((world, name) => {
      world.running(name).input({ kind: "diverged", diverged: true });
    }),
  },
  snapshot: {
    usage: "snapshot n1",
    does: "takes a snapshot of all that is applied",
    read: withNode(snapshot),
  },
  taken: {
    usage: "taken n1",
    does: "the snapshot of a node that is slow with them is stored",
    read: withNode(taken),
  },
  compact: {
    usage: "compact n1 [keep 2]",
    does: "drops what the snapshot covers, but so many entries",
    read: (words) => {
      const name = words.node();
      const keep = words.took("keep") ? words.count("a number") : 0;
      return ({ world }) => compact(world, name, keep);
    },
  },
  "lose-snapshots": {
    usage: "lose-snapshots n1",
    does: "the stored snapshots of n1 can't be read any more",
    read: withNode((world, name) => {
      world.running(name).disk.snapshots.length = 0;
    }),
  },
  logs: {
    usage: "logs [n1 n2]",
    does: "tells the logs of these nodes, or of all, and how far they are committed",
    read: (words) => {
      const names = words.isEmpty ? undefined : words.nodes();
      return ({ world }) => showLogs(world, names);
    },
  },
  show: {
    usage: "show n1 [n2]",
    does: "tells where a node stands, and how a leader feeds the others",
    read: (words) => {
      const names = words.nodes();
      return ({ world }) => {
        for (const name of names) world.trace.show(name, statusWords(world.running(name)));
      };
    },
  },
};

function withNode(act: (world: World, name: string) => void): (words: Words) => Act {
  return (words) => {
    const name = words.node();
    return ({ world }) => act(world, name);
  };
}

function withPart(act: (world: World, part: Part, name: string) => void): (words: Words) => Act {
  return (words) => {
    const part = readPart(words);
    const names = words.nodes();
    return ({ world }) => {
      for (const name of names) act(world, part, name);
    };
  };
}

function readPart(words: Words): Part {
  const parts = ["disk", "apply", "chunks", "snapshot"] as const;
  const part = parts.find((each) => words.took(each));
  return part ?? words.fail(`${words.next("a part")} is none of ${parts.join(", ")}`);
}

function start(world: World, name: string): void {
  const node = world.cluster.node(name);
  if (node.raft !== undefined) world.fail(`${name} runs`);
  node.start();
  world.stored.delete(name);
  world.trace.say(name, [`start in t${node.core.positions.term}`, logWords(node)]);
  world.remember(node);
}

function write(world: World, name: string, count: number): void {
  const node = world.running(name);
  if (!world.isSlow("disk", node)) world.fail(`${name} has no slow disk: it writes by itself`);
  if (node.disk.pending.length < count) world.fail(`${name} has nothing more to write`);
  world.sync(node, count);
  world.settle();
}

function snapshot(world: World, name: string): void {
  const node = world.running(name);
  if (!world.isSlow("snapshot", node)) return node.takeSnapshot();
  const meta = node.storeSnapshot();
  if (meta === undefined) return world.fail(`${name} has nothing to take a snapshot of`);
  world.stored.set(name, meta);
}

function taken(world: World, name: string): void {
  const meta = world.stored.get(name);
  if (meta === undefined) return world.fail(`${name} takes no snapshot`);
  world.stored.delete(name);
  world.running(name).input({ kind: "snapshot-taken", snapshot: meta });
}

function apply(world: World, name: string): void {
  const node = world.running(name);
  // What is applied later is in front.
  const place = node.chunkAnswers.findLastIndex(({ kind }) => kind === "applied");
  const [input] = node.chunkAnswers.splice(place, place === -1 ? 0 : 1);
  if (input?.kind !== "applied") return world.fail(`${name} has nothing to apply`);
  world.trace.say(name, [`apply ${input.through}`]);
  node.input(input);
}

function chunk(world: World, name: string): void {
  const node = world.running(name);
  const place = node.chunkAnswers.findIndex(({ kind }) => kind !== "applied");
  const [input] = node.chunkAnswers.splice(place, place === -1 ? 0 : 1);
  if (input === undefined) return world.fail(`${name} has no chunk to answer for`);
  world.trace.say(name, [input.kind.replace("-", " ")]);
  node.input(input);
}

function compact(world: World, name: string, keep: number): void {
  const node = world.running(name);
  const before = node.core.positions.baseIndex;
  node.compact(keep);
  if (node.core.positions.baseIndex === before) world.fail(`${name} drops nothing`);
  world.trace.say(name, [logWords(node)]);
}

function showLogs(world: World, names: readonly string[] | undefined): void {
  const shown = names?.map((name) => world.running(name)) ?? world.cluster.running;
  for (const node of shown) {
    world.trace.show(node.name, [logWords(node), `commit ${node.core.positions.commitIndex}`]);
  }
}
