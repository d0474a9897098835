// reads.ts — seeded bugs of linearizable reads (§6.4), and of lists whose pages are of one revision.
import type { Mutant } from "./mutant.ts";

const core = "packages/raft/src/core";
const state = "packages/global-state/src";

export const reads: readonly Mutant[] = [
  {
    id: "Q1",
    bug: "a new leader reads before an entry of its own term is committed",
    file: `${core}/read-index.ts`,
    text: "return state.commitIndex >= leader.firstIndexOfTerm;",
    replacement: "return true;",
  },
  {
    id: "Q2",
    bug: "a round confirms one index and the read is answered at another, the applied one",
    file: `${core}/read-index.ts`,
    text: "index: state.commitIndex, tickets",
    replacement: "index: state.appliedIndex, tickets",
  },
  {
    id: "Q3",
    bug: "a round of heartbeats has the number of the one before while reads wait",
    file: `${core}/replication.ts`,
    text: "leader.round = readRound(leader.round + 1);",
    replacement:
      "leader.round = readRound(leader.round + (leader.reads.rounds.length > 0 && leader.round > 0 ? 0 : 1));",
  },
  {
    id: "Q4",
    bug: "reads that wait when leadership is lost are answered from what is known",
    file: `${core}/roles.ts`,
    text: 'out.emit({ kind: "read-refused", ticket, reason: "not-leader" });',
    replacement: 'out.emit({ kind: "readable", ticket, index: state.commitIndex });',
  },
  {
    id: "Q5",
    bug: "reads go on while leadership is handed over",
    file: `${core}/raft.ts`,
    text: 'if (standing === "begun" && role.kind === "leader") refuseReads(role, step.out);',
    replacement: "",
  },
  {
    id: "Q7",
    bug: "whoever believes that it leads answers reads without asking a quorum",
    file: `${core}/read-index.ts`,
    text: "(leader.progress.get(voter)?.answeredRound ?? 0)",
    replacement: "leader.round",
  },
  {
    id: "Q9",
    bug: "a read waits until its index is committed, not until it is applied",
    file: "packages/raft/src/node/reads.ts",
    text: "if (at.index <= at.appliedIndex) {",
    replacement: "if (at.index >= 0) {",
  },
  {
    id: "Q10",
    bug: "reads that wait when leadership is lost wait for ever",
    file: `${core}/roles.ts`,
    text: 'out.emit({ kind: "read-refused", ticket, reason: "not-leader" });',
    replacement: "void ticket;",
  },
  {
    id: "X100",
    bug: "a bucket that changes before its turn does not hand in what a list shows of it",
    file: `${state}/read/list-view.ts`,
    text: "    this.#copied.set(address, { bucket, bytes });\n",
    replacement: "",
  },
  {
    id: "X101",
    bug: "who comes to wait for a key changes what an earlier list shows of it",
    file: `${state}/execution-key/wait.ts`,
    text: "  state.executionKeys.willShowOtherwise(row);\n  row.line.join(waiter);",
    replacement: "  row.line.join(waiter);",
  },
  {
    id: "X102",
    bug: "the further pages of a list that is not kept any more are those of now",
    file: "packages/daemon/src/request/list-views.ts",
    text: 'if (at === undefined || kept === undefined) return "lost";',
    replacement:
      'if (at === undefined) return "lost";\n    if (kept === undefined) return this.#firstPage({ ...read, args: { ...read.args, cursor: at.place } } as ListRead);',
  },
  {
    id: "X137",
    bug: "a page of a list has as many items as were asked for, however long they are: no frame has room for it",
    file: "packages/global-state/src/read/list.ts",
    text: "if (bytesLeft < 0 && items.length > 0) break;",
    replacement: "",
  },
];
