// damaged-snapshot.ts — what a snapshot that can't be restored is called.

/** The bytes are not what an encoder of a format that we know has written. */
export class DamagedSnapshotError extends Error {
  override readonly name = "DamagedSnapshotError";
}
