// snapshots.ts — seeded bugs of snapshots and compaction (§5).
import type { Mutant } from "./mutant.ts";

const core = "packages/raft/src/core";
const node = "packages/raft/src/node";
const storage = "packages/raft/src/storage";

export const snapshots: readonly Mutant[] = [
  {
    id: "S1",
    bug: "an installed snapshot keeps a suffix that follows from another entry",
    file: `${core}/log-changes.ts`,
    text: 'state.log.matches(snapshot) ? "keep" : "discard"',
    replacement: 'state.log.lastIndex >= snapshot.index ? "keep" : "discard"',
  },
  {
    id: "S2",
    bug: "a start keeps the log that an installed snapshot has replaced",
    file: `${storage}/kept-entries.ts`,
    text: 'if (record.kind === "snapshot-mark" && record.mark.log === "discard") this.#entries = [];',
    replacement: "",
  },
  {
    id: "S2b",
    bug: "the mark is written before the snapshot is stored",
    file: `${node}/compaction.ts`,
    text: "await this.#storeContent(meta, content);",
    replacement: "void this.#storeContent(meta, content).catch(() => undefined);",
  },
  {
    id: "S2c",
    bug: "the last chunk of an arriving snapshot is answered before all of it is durable",
    file: `${node}/snapshot-arrival.ts`,
    text: "if (arrived.isLast) await current.stored;",
    replacement: "",
  },
  {
    id: "S3",
    bug: "a start does not know where the log was compacted",
    file: `${storage}/wal/log-reader.ts`,
    text: "const { before: base, hardState, commitIndex } = header;",
    replacement: "const { hardState, commitIndex } = header;\n    const { base } = FIRST_START;",
  },
  {
    id: "S4",
    bug: "a start does not load the snapshot that the log names",
    file: `${node}/raft-node.ts`,
    text: "await restoreState({ persister, stateMachine, clusterId, snapshot });",
    replacement: "",
  },
  {
    id: "S5",
    bug: "entries are applied while a snapshot is being restored",
    file: `${node}/applier.ts`,
    text: "return !this.#isRestoring && this.#applied.index < this.#through;",
    replacement: "return this.#applied.index < this.#through;",
  },
  {
    id: "S6",
    bug: "an older snapshot takes the place of a newer one that is arriving",
    file: `${core}/install-snapshot.ts`,
    text: "const isLate = install?.term === term && snapshot.index < install.snapshot.index;",
    replacement: "const isLate = false;",
  },
  {
    id: "S6b",
    bug: "a snapshot of what is committed here already is installed",
    file: `${core}/install-snapshot.ts`,
    text: 'if (snapshot.index <= state.commitIndex || state.log.matches(snapshot)) return "unneeded";',
    replacement: 'if (state.log.matches(snapshot)) return "unneeded";',
  },
  {
    id: "S6c",
    bug: "an own snapshot that was overtaken by an installed one is marked",
    file: `${core}/own-log.ts`,
    text: "if (state.isDiverged || snapshot.index <= (state.snapshot?.index ?? 0)) return;",
    replacement: "if (state.isDiverged) return;",
  },
  {
    id: "S7",
    bug: "a chunk of another snapshot goes on with the one that is arriving",
    file: `${core}/install-snapshot.ts`,
    text: "if (install !== undefined && isSameSnapshot(install.snapshot, snapshot)) {",
    replacement: "if (install !== undefined) {",
  },
  {
    id: "S7b",
    bug: "a chunk is taken out of its turn",
    file: `${core}/install-snapshot.ts`,
    text: "if (chunk !== install.nextChunk) return sendProgress(state, step.out);",
    replacement: "",
  },
  {
    id: "S8",
    bug: "a leader never goes back from sending a snapshot to sending entries",
    file: `${core}/replication.ts`,
    text: 'if (kind === "snapshot" && progress.matchIndex >= state.log.base.index) toStream(progress);',
    replacement: "",
  },
  {
    id: "S9",
    bug: "after its first snapshot a node takes no other",
    file: `${node}/compaction.ts`,
    text: 'if (this.#stage.kind === "marking" && this.#stage.index <= snapshot.index) {',
    replacement: "if (false) {",
  },
  {
    id: "S10",
    bug: "a snapshot that does not read is as good as none: the node starts empty",
    file: `${node}/restore-state.ts`,
    text: "throw new SnapshotMissingError(snapshot, cause);",
    replacement: "void cause;",
  },
  {
    id: "S11",
    bug: "an installed snapshot does not bring its configuration",
    file: `${core}/log-changes.ts`,
    text: "configuration: snapshot.configuration,",
    replacement: "configuration: state.configurations.inForce,",
  },
  {
    id: "S12",
    bug: "what is applied while a snapshot is encoded gets into it",
    file: "packages/global-state/src/table/table.ts",
    text: "witness.beforeChange(address, this.image(address));",
    replacement: "",
  },
  {
    id: "S13",
    bug: "entries that a follower is being fed with are dropped",
    file: `${node}/compaction.ts`,
    text: "return logIndex(Math.min(behind, pinned.pinnedAfter ?? behind));",
    replacement: "return logIndex(behind);",
  },
  {
    id: "S13b",
    bug: "a snapshot that is being sent is removed",
    file: `${node}/compaction.ts`,
    text: "name.index < snapshot.index && !isAmong(pinned, name) &&",
    replacement: "name.index < snapshot.index &&",
  },
  {
    id: "S13c",
    bug: "the log on disk goes through the newest snapshot: the one before it is worth nothing",
    file: `${node}/compaction.ts`,
    text: "const through = logIndex(Math.min(logThrough, logNeededAfter));",
    replacement: "const through = logThrough;",
  },
];
