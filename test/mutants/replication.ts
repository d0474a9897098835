// replication.ts — seeded bugs of replication and commit (§3.5, §3.6.2, §10.2.1).
import type { Mutant } from "./mutant.ts";

const core = "packages/raft/src/core";
const node = "packages/raft/src/node";

export const replication: readonly Mutant[] = [
  {
    id: "R1",
    bug: "entries of an earlier term are committed by counting replicas",
    file: `${core}/commit.ts`,
    text: "if (quorumIndex < log.firstIndexOfTerm) return log.commitIndex;",
    replacement: "",
  },
  {
    id: "R2",
    bug: "what follows the entries of a message is removed though nothing conflicts",
    file: `${core}/append-entries.ts`,
    text: "if (firstNew === undefined) return;",
    replacement: `const last = entries.at(-1)?.index ?? state.log.lastIndex;
  if (firstNew === undefined) {
    const from = logIndex(Math.max(last, state.commitIndex) + 1);
    if (from <= state.log.lastIndex) truncateLog(state, from, out);
    return;
  }`,
  },
  {
    id: "R3",
    bug: "a follower acknowledges all it has instead of what the message proved",
    file: `${core}/append-entries.ts`,
    text: "matchIndex: verifiedIndex,",
    replacement: "matchIndex: state.log.lastIndex,",
  },
  {
    id: "R3b",
    bug: "an acknowledgement leaves before its entries are on disk",
    file: `${core}/append-entries.ts`,
    text: "out.sendOncePersisted({",
    replacement: "out.send({",
  },
  {
    id: "R4",
    bug: "a follower commits what the leader has committed, verified or not",
    file: `${core}/append-entries.ts`,
    text: "lower(message.commitIndex, verifiedIndex)",
    replacement: "lower(message.commitIndex, state.log.lastIndex)",
  },
  {
    id: "R4b",
    bug: "a heartbeat tells the leader's commit index to those who may not have it",
    file: `${core}/replication.ts`,
    text: "commitIndex: matchIndex < state.commitIndex ? matchIndex : state.commitIndex,",
    replacement: "commitIndex: state.commitIndex,",
  },
  {
    id: "R5",
    bug: "the commit index goes back",
    file: `${core}/log-changes.ts`,
    text: "if (index <= state.commitIndex) return;",
    replacement: "if (index === state.commitIndex) return;",
  },
  {
    id: "R6",
    bug: "a late acknowledgement takes the match index back",
    file: `${core}/progress.ts`,
    text: "if (matchIndex <= progress.matchIndex) return false;",
    replacement: "",
  },
  {
    id: "R7",
    bug: "a late refusal of an earlier probe is taken for one of this",
    file: `${core}/progress.ts`,
    text: 'progress.flow.kind === "probe" && rejectedIndex === indexBefore(progress.nextIndex)',
    replacement: 'progress.flow.kind === "probe"',
  },
  {
    id: "R7b",
    bug: "the hint of a refusal tells the refuser's last entry, whatever its term",
    file: `${core}/append-entries.ts`,
    text: "const hint = log.lastPositionAtMost(asked) ?? log.base;",
    replacement:
      "const hint = asked.index <= log.lastIndex ? asked : { index: log.lastIndex, term: log.lastTerm };",
  },
  {
    id: "R8",
    bug: "the values of a quorum are put in order as text: 10 before 9",
    file: `${core}/quorum.ts`,
    text: ".sort(highestFirst);",
    replacement: ".sort().toReversed();",
  },
  {
    id: "R9",
    bug: "half of an even number of voters is a majority",
    file: `${core}/quorum.ts`,
    text: "return Math.floor(count / 2) + 1;",
    replacement: "return Math.ceil(count / 2);",
  },
  {
    id: "R10",
    bug: "a leader counts its own copy before it is on its disk",
    file: `${core}/replication.ts`,
    text: "? state.durability.lastIndex",
    replacement: "? state.log.lastIndex",
  },
  {
    id: "R10b",
    bug: "a candidate counts its own vote before it is on its disk",
    file: `${core}/election.ts`,
    text: 'if (role.kind !== "candidate" || durability.hardState.term !== hardState.term) return "open";',
    replacement: 'if (role.kind !== "candidate") return "open";',
  },
  {
    id: "R11",
    bug: "acknowledgements of an earlier term count",
    file: `${core}/raft.ts`,
    text: "if (term < state.hardState.term) return this.#onEarlierTerm(message, step);",
    replacement:
      'if (term < state.hardState.term && message.kind !== "append-accepted") return this.#onEarlierTerm(message, step);',
  },
  {
    id: "R12",
    bug: "entries that a snapshot covers are appended again",
    file: `${core}/append-entries.ts`,
    text: "entries: entries.slice(skipped)",
    replacement: "entries",
  },
  {
    id: "R13",
    bug: "what a leader reads from its log for a follower begins one entry too late",
    file: `${core}/log.ts`,
    text: "this.#offsetOf(logIndex(after + 1)),",
    replacement: "this.#offsetOf(logIndex(after + 2)),",
  },
  {
    id: "R15",
    bug: "an old write that completes makes a newer, other suffix durable",
    file: `${core}/durability.ts`,
    text: "if (pending.lastIndex > index) pending.lastIndex = index;",
    replacement: "",
  },
  {
    id: "R16",
    bug: "one completion for many writes moves on by the first of them only",
    file: `${core}/durability.ts`,
    text: "this.#lastIndex = last.lastIndex;",
    replacement: "this.#lastIndex = done[0].lastIndex;",
  },
  {
    id: "R17",
    bug: "entries are written before the term they belong to",
    file: `${node}/group-commit.ts`,
    text: 'for (const entry of persist.entries) records.push({ kind: "entry", entry });',
    replacement: 'records.unshift(...persist.entries.map((entry) => ({ kind: "entry", entry })));',
  },
  {
    id: "R18",
    bug: "what was proposed to an earlier leadership is appended in a later term",
    file: `${node}/proposals.ts`,
    text: "if (madeIn !== at.term) {",
    replacement: "if (false) {",
  },
  {
    id: "R19",
    bug: "who waits for an index takes the answer of whatever is committed there",
    file: `${node}/proposals.ts`,
    text: "if (entry === undefined || entry.term !== placed.term) {",
    replacement: "if (entry === undefined) {",
  },
  {
    id: "R20",
    bug: "an acknowledgement leaves though the same write already goes on to a later term",
    file: `${node}/group-commit.ts`,
    text: "release: pledges.filter((pledge) => pledge.term >= last.term),",
    replacement: "release: pledges,",
  },
  {
    id: "R21",
    bug: "a node that votes takes its log back to its own commit index",
    file: `${core}/election.ts`,
    text: "castVote(state, message.from, step.out);",
    replacement: `if (state.log.lastIndex > state.commitIndex) {
    const from = state.commitIndex + 1;
    state.log.truncate(from);
    state.configurations.truncate(from);
    state.durability.cap(state.commitIndex);
    step.out.persistTruncation(from);
  }
  castVote(state, message.from, step.out);`,
  },
];
