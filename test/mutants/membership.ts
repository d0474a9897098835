// membership.ts — seeded bugs of changes of the membership (§4), and of forming a cluster.
import type { Mutant } from "./mutant.ts";

const core = "packages/raft/src/core";
const storage = "packages/raft/src/storage";
const forming = "packages/daemon/src/forming";

export const membership: readonly Mutant[] = [
  {
    id: "M1",
    bug: "the membership is changed before an entry of the leader's own term is committed",
    file: `${core}/membership-change.ts`,
    text: 'if (commitIndex < leader.firstIndexOfTerm) return "term-not-begun";',
    replacement: "",
  },
  {
    id: "M2",
    bug: "an installed snapshot leaves a configuration in force that went with the discarded log",
    file: `${core}/log-changes.ts`,
    text: "state.configurations.truncate(snapshot.index);",
    replacement: "",
  },
  {
    id: "M3",
    bug: "a configuration that was never committed stays in force when its entry is removed",
    file: `${core}/log-changes.ts`,
    text: "state.configurations.truncate(from);",
    replacement: "",
  },
  {
    id: "M4d",
    bug: "the only voter of a cluster gives up all that it has, to join a cluster that is not there",
    file: "packages/raft/src/storage/recover/rejoin.ts",
    text: "if (!isLastOfItsCluster(known) || !(await isWhole(folder, known.log))) return;",
    replacement: "if (folder.directory !== undefined) return;",
  },
  {
    id: "M4",
    bug: "a folder whose data was set aside comes back under its old id",
    file: `${storage}/recover/rejoin.ts`,
    text: "const record = { clusterId: null, nodeId: newNodeId, incarnation: incarnation(0), hasLog: false };",
    replacement:
      "const record = { clusterId: null, nodeId: old?.nodeId ?? newNodeId, incarnation: incarnation(0), hasLog: false };",
  },
  {
    id: "M4b",
    bug: "a node whose log was wiped starts under its old id as if it were new",
    file: `${storage}/wal/open-log-storage.ts`,
    text: 'parts.expect === "existing"',
    replacement: "false",
  },
  {
    id: "M4c",
    bug: "a log without node.json gets a new id",
    file: `${storage}/data-folder.ts`,
    text: "if (found === undefined) await refuseOrphans(folder);",
    replacement: "",
  },
  {
    id: "M5",
    bug: "a change counts as done, and a joint configuration is left, before it is committed",
    file: `${core}/membership-change.ts`,
    text: "if (commitIndex < leader.firstIndexOfTerm || configurations.inForceSince > commitIndex) return;",
    replacement: "if (commitIndex < leader.firstIndexOfTerm) return;",
  },
  {
    id: "M6",
    bug: "a leader counts itself in a quorum that it has left",
    file: `${core}/replication.ts`,
    text: "const held = agreedValue(state.configurations.inForce, (voter) =>",
    replacement: `const { inForce } = state.configurations;
  const voters = [...new Set([...inForce.voters, state.nodeId])];
  const held = agreedValue({ ...inForce, voters }, (voter) =>`,
  },
  {
    id: "M7",
    bug: "a leader that was removed never steps down",
    file: `${core}/raft.ts`,
    text: 'if (this.#hasLeft()) this.#handOver("left the cluster", step);',
    replacement: "",
  },
  {
    id: "M8",
    bug: "a joint configuration is left only by the leader that began it",
    file: `${core}/membership-change.ts`,
    text: "if (isJoint(configurations.inForce)) {",
    replacement: "if (leader.change !== undefined && isJoint(configurations.inForce)) {",
  },
  {
    id: "M9",
    bug: "a second change begins while the first is not committed",
    file: `${core}/membership-change.ts`,
    text: 'if (configurations.inForceSince > commitIndex) return "change-under-way";',
    replacement: "",
  },
  {
    id: "M10",
    bug: "a stranger that is heard is followed like a member",
    file: `${core}/replication.ts`,
    text: "if (progress !== undefined) progress.heardAt = now;",
    replacement: `if (progress !== undefined) progress.heardAt = now;
  else if (state.role.kind === "leader") {
    const nextIndex = indexAfter(state.log.lastIndex);
    const flow = { kind: "probe", isWaiting: false };
    state.role.progress.set(from, { matchIndex: 0, nextIndex, flow, answeredRound: 0 });
  }`,
  },
  {
    id: "M10b",
    bug: "a voter that leaves gets no tombstone: it may come back",
    file: `${core}/membership-change.ts`,
    text: "removed: [...removed, ...gone],",
    replacement: "removed,",
  },
  {
    id: "M11",
    bug: "a snapshot holds the latest configuration, not the one as of its index",
    file: "packages/raft/src/node/loop.ts",
    text: "configuration: this.#raft.configurationAt(index)",
    replacement: "configuration: this.#raft.status().configuration",
  },
  {
    id: "M13",
    bug: "the log of a node that is not the only voter may be cut",
    file: `${storage}/recover/accept-tail-loss.ts`,
    text: "if (isOnlyVoter(node)) return;",
    replacement: "if (true) return;",
  },
  {
    id: "M13b",
    bug: "who votes is judged by what comes before the damage alone",
    file: `${storage}/wal/recovery.ts`,
    text: "return behind.at(-1) ?? entries.configuration(",
    replacement: "return behind.at(-9_999) ?? entries.configuration(",
  },
  {
    id: "M14",
    bug: "a learner whose address changes becomes a voter",
    file: `${core}/membership-change.ts`,
    text: "return next({ ...current, members });",
    replacement: `const voters = [...new Set([...current.voters, id])];
  return next({ ...current, members, voters, learners: others(current.learners, id) });`,
  },
  {
    id: "X1",
    bug: "a learner is promoted before it has caught up",
    file: `${core}/membership-change.ts`,
    text: 'if (!isThere(id) || !hasCaughtUp(state, leader.progress.get(id))) return "not-caught-up";',
    replacement: "",
  },
  {
    id: "X11",
    bug: "whose state differs from the others' counts as a voter who is there",
    file: "packages/raft/src/core/membership-change.ts",
    text: "leader.progress.get(id)?.wantsSnapshot !== true;",
    replacement: "leader.progress.get(id)?.wantsSnapshot !== true || true;",
  },
  {
    id: "X2",
    bug: "a founder that is not the first founds a cluster too",
    file: `${forming}/founding.ts`,
    text: 'if (view.self.name !== firstFounder(view)) return { kind: "wait", missing };',
    replacement: "",
  },
  {
    id: "X3",
    bug: "the first founder does not wait for the others",
    file: `${forming}/founding.ts`,
    text: 'if (missing.length > 0) return { kind: "wait", missing };',
    replacement: "",
  },
  {
    id: "X4",
    bug: "a founding that is cut short leaves no note, and is begun anew under another cluster id",
    file: `${forming}/form-cluster.ts`,
    text: "await writeFoundingNote(folder, note);",
    replacement: "",
  },
  {
    id: "X5",
    bug: "a node is told that it has joined though nobody knows whether the change came about",
    file: "packages/daemon/src/membership/join-desk.ts",
    text: 'return later("leadership moved before it was through");',
    replacement: 'return { kind: "joined", clusterId };',
  },
  {
    id: "L4b",
    bug: "a configuration grows until it can't be stored",
    file: `${core}/membership-change.ts`,
    text: "if (excess !== undefined) return refuse(ticket, excess, step);",
    replacement: "",
  },
];
