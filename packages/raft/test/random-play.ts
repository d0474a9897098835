// random-play.ts — plays a random story on a cluster under the eyes of the oracle, then leaves it in
// peace and looks whether it comes to agree.
import { assert } from "../src/core/assert.ts";
import { type Configuration, memberIds } from "../src/core/configuration.ts";
import { later } from "../src/core/ids.ts";
import type { MembershipChange } from "../src/core/input.ts";
import { Cluster, configurationOf, memberOf } from "./cluster.ts";
import { Oracle } from "./oracle.ts";
import type { Act, ActKind } from "./random-acts.ts";
import type { TestNode } from "./test-node.ts";

export interface Situation {
  readonly name: string;
  /** Who is not in the configuration waits to be let in. */
  readonly names: readonly string[];
  readonly configuration: Configuration;
}

export const situations: readonly Situation[] = [
  {
    name: "three voters",
    names: ["n1", "n2", "n3"],
    configuration: configurationOf({ voters: ["n1", "n2", "n3"] }),
  },
  {
    name: "five voters",
    names: ["n1", "n2", "n3", "n4", "n5"],
    configuration: configurationOf({ voters: ["n1", "n2", "n3", "n4", "n5"] }),
  },
  {
    name: "three voters and a learner",
    names: ["n1", "n2", "n3", "n4"],
    configuration: configurationOf({ voters: ["n1", "n2", "n3"], learners: ["n4"] }),
  },
  {
    name: "three voters, and three who want to join",
    names: ["n1", "n2", "n3", "n4", "n5", "n6"],
    configuration: configurationOf({ voters: ["n1", "n2", "n3"] }),
  },
  {
    name: "one voter, and two who want to join",
    names: ["n1", "n2", "n3"],
    configuration: configurationOf({ voters: ["n1"] }),
  },
  {
    name: "two joint majorities, until one is left",
    names: ["n1", "n2", "n3", "n4"],
    configuration: configurationOf({
      voters: ["n1", "n2", "n4"],
      votersOutgoing: ["n1", "n2", "n3"],
    }),
  },
];

interface Played {
  readonly cluster: Cluster;
  readonly oracle: Oracle;
}

export function play(
  situation: Situation,
  drawn: { readonly dice: number; readonly story: readonly Act[] },
): Played {
  const { names, configuration } = situation;
  // Small windows and messages, so that their limits are met.
  const settings = { windowMessagesMax: 3, appendBytesMax: 200, windowBytesMax: 400 };
  const cluster = new Cluster({ names, seed: drawn.dice, settings });
  const oracle = new Oracle(cluster);
  for (const node of cluster.nodes) node.isQuick = false;
  cluster.bootstrap("n1", configuration);
  for (const act of drawn.story) perform[act.kind]({ cluster, oracle }, act);
  return { cluster, oracle };
}

function choose<Thing>(things: readonly Thing[], at: number): Thing | undefined {
  return things[at % Math.max(1, things.length)];
}

const nodeOf = ({ cluster }: Played, at: number): TestNode | undefined =>
  choose(cluster.running, at);

type Performer = (played: Played, act: Act) => void;

const perform: Record<ActKind, Performer> = {
  deliver: ({ cluster }, { at }) => {
    const sent = choose(cluster.inFlight, at);
    if (sent === undefined) return;
    cluster.inFlight = cluster.inFlight.filter((other) => other !== sent);
    cluster.arrive(sent);
  },
  "deliver in order": ({ cluster }, { at }) => {
    const count = at % 8;
    const sent = cluster.inFlight.slice(0, count);
    cluster.inFlight = cluster.inFlight.slice(count);
    for (const message of sent) cluster.arrive(message);
  },
  "deliver to one": (played, { at }) => {
    const node = nodeOf(played, at);
    if (node !== undefined) played.cluster.deliver({ to: node.name });
  },
  duplicate: ({ cluster }, { at }) => {
    const sent = choose(cluster.inFlight, at);
    if (sent !== undefined) cluster.inFlight.push(sent);
  },
  drop: ({ cluster }, { at }) => {
    const sent = choose(cluster.inFlight, at);
    cluster.inFlight = cluster.inFlight.filter((other) => other !== sent);
  },
  "drop to one": ({ cluster }, { at }) => {
    const node = choose(cluster.nodes, at);
    if (node !== undefined) cluster.drop({ to: node.name });
  },
  wake: (played, { at, other }) => {
    const node = nodeOf(played, at);
    if (node === undefined) return;
    const { clock } = played.cluster;
    // Sometimes much too late.
    if (other % 16 === 0) clock.now = later(clock.now, other);
    played.cluster.wake(node.name);
  },
  sync: (played, { at, other }) => {
    const node = nodeOf(played, at);
    for (let count = 0; count <= other % 3; count++) node?.sync();
  },
  "answer chunk": (played, { at, other }) => {
    const node = nodeOf(played, at);
    for (let count = 0; count <= other % 3; count++) node?.answerChunk();
  },
  propose: (played, { at, other }) => {
    const node = played.cluster.leader ?? nodeOf(played, at);
    if (node === undefined) return;
    const texts = Array.from({ length: 1 + (other % 3) }, (_, place) => `${at}.${other}.${place}`);
    played.cluster.propose(node.name, ...texts);
  },
  read: (played, { at }) => {
    const node = nodeOf(played, at);
    if (node === undefined) return;
    const ticket = played.cluster.nextTicket();
    played.oracle.beforeRead(ticket);
    node.input({ kind: "read", ticket });
  },
  crash: (played, { at, other }) => {
    const node = nodeOf(played, at);
    if (node === undefined) return;
    if (other % 2 === 0) played.cluster.kill(node.name);
    else node.crash();
  },
  restart: ({ cluster }, { at }) => {
    const node = choose(
      cluster.nodes.filter(({ raft }) => raft === undefined),
      at,
    );
    node?.start();
  },
  disconnect: (played, { at, other }) => {
    const node = nodeOf(played, at);
    const peer = choose(played.cluster.nodes, other);
    if (node === undefined || peer === undefined || peer === node) return;
    played.cluster.disconnect(node.name, peer.name);
  },
  transfer: (played, { at, other }) => {
    const node = played.cluster.leader;
    const target = choose(played.cluster.nodes, at);
    if (node !== undefined)
      played.cluster.transfer(node.name, other % 3 === 0 ? undefined : target?.name);
  },
  "take snapshot": (played, { at }) => nodeOf(played, at)?.takeSnapshot(),
  compact: (played, { at, other }) => nodeOf(played, at)?.compact(other % 4),
  diverge: (played, { at }) => {
    const node = nodeOf(played, at);
    if (node === undefined || node.applied.length === 0) return;
    // One at a time: it is always a minority that differs (DESIGN §5).
    if (played.cluster.running.some(({ core }) => core.status().isDiverged)) return;
    // Who is down may know a smaller configuration that still counts.
    if (played.cluster.running.length < played.cluster.nodes.length) return;
    const halves = played.cluster.running.flatMap(({ core }) => {
      const { voters, votersOutgoing } = core.status().configuration;
      return [voters, votersOutgoing];
    });
    if (halves.some((half) => half.includes(node.id) && half.length < 3)) return;
    node.applied = node.applied.map((text, place) => (place === 0 ? `wrong ${text}` : text));
    node.input({ kind: "diverged", diverged: true });
  },
  "stall disk": (played, { at, other }) => {
    nodeOf(played, at)?.input({ kind: "disk-stalled", stalled: other % 3 === 0 });
  },
  "change membership": ({ cluster }, { at, other }) => {
    const node = cluster.leader;
    const change = drawChange(cluster, { at, other });
    if (node === undefined || change === undefined) return;
    cluster.change(node.name, change, other % 5 === 0 ? "waived" : "kept");
  },
  freeze: (played, { at }) => {
    const node = nodeOf(played, at);
    if (node !== undefined) played.cluster.freeze(node.name);
  },
  thaw: ({ cluster }, { at }) => {
    const node = choose(
      cluster.nodes.filter(({ name }) => cluster.isFrozen(name)),
      at,
    );
    if (node !== undefined) cluster.thaw(node.name);
  },
  "let it run": ({ cluster }, { at }) => {
    for (const node of cluster.nodes) node.isQuick = true;
    cluster.pass(at % 400);
    for (const node of cluster.nodes) node.isQuick = false;
  },
};

/** Often one that fits: where there is a learner it is promoted, or takes somebody's place. */
function drawChange(
  cluster: Cluster,
  { at, other }: Pick<Act, "at" | "other">,
): MembershipChange | undefined {
  const { learners, voters } = cluster.leader?.core.status().configuration ?? {};
  if (learners === undefined || voters === undefined) return undefined;
  // Not while somebody is diverged and the leader may not know: he could become the only voter.
  if (cluster.running.some(({ core }) => core.status().isDiverged)) return undefined;
  const one = choose(cluster.nodes, at);
  const learner = choose(
    cluster.nodes.filter(({ id }) => learners.includes(id)),
    at,
  );
  const voter = choose(voters, other);
  if (one === undefined || voter === undefined) return undefined;
  const fresh = memberOf(one.name);
  const kind = other % 8;
  if (kind < 2 || learner === undefined) {
    return kind === 7 ? { kind: "remove", id: voter } : { kind: "add-learner", member: fresh };
  }
  if (kind < 5) return { kind: "promote", id: learner.id };
  if (kind === 5) return { kind: "replace", id: voter, member: memberOf(learner.name) };
  if (kind === 6) return { kind: "update-address", ...fresh, peerUrl: `ws://moved-${at}:1` };
  return { kind: "remove", id: one.id };
}

/** Everybody runs, every message arrives, every disk works: soon all hold the same (V20–V22). */
export function checkConvergence({ cluster, oracle }: Played): void {
  for (const node of cluster.nodes) {
    cluster.thaw(node.name);
    if (node.raft === undefined) node.start();
    node.isQuick = true;
  }
  for (const node of cluster.nodes) node.input({ kind: "disk-stalled", stalled: false });
  const leader = waitForLeader(cluster);
  if (leader === undefined) return assertUnformed({ cluster, oracle });
  const { term } = leader.core.positions;
  const read = cluster.read(leader.name);
  cluster.propose(leader.name, "last");
  cluster.pass(200);
  repairDiverged(cluster);
  assert(leader.core.positions.term === term, "V20: who leads goes on to");
  assert(read()?.kind === "readable", "V21: a read is answered");
  assert(oracle.committedTexts.at(-1) === "last", "V21: a proposal is committed");
  // Who was only in the outgoing half is in the cluster no more.
  const members = memberIds(leader.core.status().configuration);
  for (const node of cluster.nodes.filter(({ id }) => members.includes(id))) {
    const isSame = node.applied.join() === oracle.committedTexts.join();
    assert(isSame, `V22: ${node.name} holds what all hold`);
  }
}

/** Within ten election timeouts, and then it has led for two. */
function waitForLeader(cluster: Cluster): TestNode | undefined {
  for (let timeouts = 0; timeouts < 10; timeouts++) {
    const before = cluster.leader;
    cluster.pass(600);
    if (before !== undefined && before === cluster.leader) return before;
  }
  return undefined;
}

/** The driver takes a snapshot where one is wanted. */
function repairDiverged(cluster: Cluster): void {
  for (let turn = 0; turn < 30; turn++) {
    if (!cluster.nodes.some(({ core }) => core.status().isDiverged)) return;
    for (const node of cluster.running) if (node.core.isSnapshotWanted) node.takeSnapshot();
    cluster.pass(100);
  }
}

/** The founder lost entry 1 before it was on disk: nobody has anything to lead. */
function assertUnformed({ cluster, oracle }: Played): void {
  const isEmpty = cluster.nodes.every((node) => node.core.positions.lastIndex === 0);
  assert(isEmpty && oracle.committedCount === 0, "V20: one node leads");
}
