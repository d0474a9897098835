// status-words.ts — where a node stands, in the words of the trace: its log, its positions, and how a leader
// feeds the others. Told only where a story asks for it.
import { nameOf } from "../../packages/raft/test/cluster.ts";
import type { TestNode } from "../../packages/raft/test/test-node.ts";
import { configurationWords, positionsWords } from "./message-words.ts";

/** `log 1@t1 2@t2`, or `log after 4: 5@t2` once the first four are compacted. */
export function logWords(node: TestNode): string {
  const { baseIndex } = node.core.positions;
  const held = node.log();
  const words = held.length === 0 ? "empty" : positionsWords(held);
  return baseIndex === 0 ? `log ${words}` : `log after ${baseIndex}: ${words}`;
}

export function statusWords(node: TestNode): readonly string[] {
  const status = node.core.status();
  const { leaderId, role, snapshotIndex, term, votedFor } = status;
  return [
    role === "follower" && leaderId !== undefined
      ? `${role} t${term} of ${nameOf(leaderId)}`
      : `${role} t${term}`,
    ...(votedFor === undefined ? [] : [`vote ${nameOf(votedFor)}`]),
    configurationWords(status.configuration) || "no configuration",
    ...(snapshotIndex === 0 ? [] : [`snapshot ${snapshotIndex}`]),
    `last ${status.lastIndex}`,
    `on disk ${status.persistedIndex}`,
    `commit ${status.commitIndex}`,
    `applied ${status.appliedIndex}`,
    ...status.followers.map(({ id, matchIndex, state }) => `${nameOf(id)} ${state} ${matchIndex}`),
  ];
}
