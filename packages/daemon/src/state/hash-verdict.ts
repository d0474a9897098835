// hash-verdict.ts — what the state hashes of the voters at one index say (DESIGN §5). Pure.
import type { NodeId } from "@rogerd/raft";

export type HashVerdict =
  | "agrees"
  /** Too few are known to say anything. */
  | "open"
  /** A majority of the voters agrees on another hash than ours. */
  | "differs"
  /** Whatever the missing ones say: no hash can have a majority. */
  | "nobody-agrees";

export interface HashesAtIndex {
  readonly voters: readonly NodeId[];
  readonly own: string;
  /** What is known at this index, ours too if we vote. */
  readonly known: ReadonlyMap<NodeId, string>;
}

export function judgeHashes({ voters, own, known }: HashesAtIndex): HashVerdict {
  const majority = Math.floor(voters.length / 2) + 1;
  const counts = new Map<string, number>();
  for (const voter of voters) {
    const hash = known.get(voter);
    if (hash !== undefined) counts.set(hash, (counts.get(hash) ?? 0) + 1);
  }
  const [agreed] = [...counts].find(([, count]) => count >= majority) ?? [];
  if (agreed !== undefined) return agreed === own ? "agrees" : "differs";
  const missing = voters.filter((voter) => !known.has(voter)).length;
  const most = Math.max(0, ...counts.values());
  return voters.length > 0 && most + missing < majority ? "nobody-agrees" : "open";
}
