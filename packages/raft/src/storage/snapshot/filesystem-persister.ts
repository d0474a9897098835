// filesystem-persister.ts — snapshots as files in one folder: the default Persister (DESIGN §5).
import type { Disk } from "../disk.ts";
import type { Persister, SnapshotName } from "../persister.ts";
import type { StorageIdentity } from "../storage.ts";

export class FilesystemPersister implements Persister {
  readonly durable: boolean = true;

  constructor(_place: { readonly disk: Disk; readonly directory: string }) {}

  init(_identity: StorageIdentity): Promise<void> {
    return Promise.reject(new Error("not built yet"));
  }

  list(): Promise<readonly SnapshotName[]> {
    return Promise.reject(new Error("not built yet"));
  }

  load(_name: SnapshotName): AsyncIterable<Uint8Array> {
    throw new Error("not built yet");
  }

  store(_name: SnapshotName, _chunks: AsyncIterable<Uint8Array>): Promise<void> {
    return Promise.reject(new Error("not built yet"));
  }

  remove(_name: SnapshotName): Promise<void> {
    return Promise.reject(new Error("not built yet"));
  }
}
