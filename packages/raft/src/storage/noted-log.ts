// noted-log.ts — the log of a folder whose node.json does not say yet that there is one. The first append
// resolves only once node.json says so, durably: before that nothing was promised and an empty log is a
// first start; after it a log that holds nothing has lost what it held, on a disk that lied about its
// syncs or by a hand that emptied it. Such a node has forgotten its votes, so it never starts (E4).
// What can't be told this way: a disk that loses the later part of a log, or node.json along with all.
import { type DataFolder, type NodeRecord, noteLog } from "./data-folder.ts";
import type { LogStorage, Recovered, WalBatch } from "./storage.ts";

export function notedLog(
  noted: DataFolder & { readonly record: NodeRecord; readonly storage: LogStorage },
): LogStorage {
  return noted.record.hasLog ? noted.storage : new NotedLog(noted);
}

class NotedLog implements LogStorage {
  readonly #storage: LogStorage;
  readonly #folder: DataFolder & { readonly record: NodeRecord };
  #isNoted = false;

  constructor(parts: DataFolder & { readonly record: NodeRecord; readonly storage: LogStorage }) {
    const { disk, directory, record, storage } = parts;
    this.#storage = storage;
    this.#folder = { disk, directory, record };
  }

  get recovered(): Recovered {
    return this.#storage.recovered;
  }

  async append(batch: WalBatch): Promise<void> {
    await this.#storage.append(batch);
    if (this.#isNoted) return;
    await noteLog(this.#folder);
    this.#isNoted = true;
  }

  dropPrefix(drop: Parameters<LogStorage["dropPrefix"]>[0]): Promise<void> {
    return this.#storage.dropPrefix(drop);
  }

  condemn(forgotten: Parameters<LogStorage["condemn"]>[0]): Promise<void> {
    return this.#storage.condemn(forgotten);
  }

  isNearlyFull(): boolean {
    return this.#storage.isNearlyFull();
  }

  close(): Promise<void> {
    return this.#storage.close();
  }
}
