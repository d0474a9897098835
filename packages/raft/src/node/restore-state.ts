// restore-state.ts — replaces the state machine's state by a stored snapshot (§5): at a start, and
// after an install. Every chunk is checked on the way in, and nothing that does not check out is kept
// as state: the caller ends the node, it never goes on empty or half restored.
import type { SnapshotMeta } from "../core/message.ts";
import type { Persister } from "../storage/persister.ts";
import { snapshotName } from "../storage/snapshot/snapshot-set.ts";
import { readSnapshot } from "../storage/snapshot/snapshot-stream.ts";
import { DamagedDataError } from "../storage/storage.ts";
import { SnapshotMissingError } from "./failures.ts";
import type { StateMachine } from "./state-machine.ts";

export async function restoreState(parts: {
  readonly persister: Pick<Persister, "load">;
  readonly stateMachine: Pick<StateMachine<unknown>, "restore">;
  readonly clusterId: string;
  readonly snapshot: SnapshotMeta;
}): Promise<void> {
  const { clusterId, persister, stateMachine, snapshot } = parts;
  try {
    const stored = await readSnapshot(persister.load(snapshotName(snapshot)));
    if (stored.meta.index !== snapshot.index || stored.meta.hash !== snapshot.hash) {
      throw new DamagedDataError("It holds another snapshot than its name says.");
    }
    if (stored.clusterId !== clusterId) throw new DamagedDataError("It is of another cluster.");
    const { index, term } = snapshot;
    await stateMachine.restore({ at: { index, term }, chunks: stored.content });
  } catch (cause) {
    throw new SnapshotMissingError(snapshot, cause);
  }
}
