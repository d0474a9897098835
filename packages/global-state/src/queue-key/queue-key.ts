// queue-key.ts — the record that says "no second job with this key may be queued" (SEMANTICS §2).
// Roger's form knows no owner: null.
import type { JobId, Key } from "../ids.ts";
import { jobId, key } from "../ids.ts";
import { nameIn, type Partition } from "../partition/partition.ts";
import type { QueueKeyItem } from "../result.ts";
import { hashText } from "../table/hash.ts";
import type { Row, RowCodec } from "../table/row.ts";
import type { TableSpec } from "../table/table.ts";

export interface QueueKey extends Row {
  readonly key: Key;
  readonly owner: JobId | null;
  readonly sinceWallMs: number;
}

export function newQueueKey(parts: {
  readonly partition: Partition;
  readonly key: Key;
  readonly owner: JobId | null;
  readonly sinceWallMs: number;
}): QueueKey {
  const { hash, scope } = nameIn(parts.partition, parts.key);
  return { hash, scope, key: parts.key, owner: parts.owner, sinceWallMs: parts.sinceWallMs };
}

export function queueKeyItem(row: QueueKey): QueueKeyItem {
  return { key: row.key, owner: row.owner, since: row.sinceWallMs };
}

const codec: RowCodec<QueueKey> = {
  write(row, writer) {
    writer.count(row.scope);
    writer.text(row.key);
    writer.optionalText(row.owner);
    writer.count(row.sinceWallMs);
  },
  read(reader) {
    const scope = reader.count();
    const name = key(reader.name());
    const owner = reader.optionalName();
    const sinceWallMs = reader.count();
    return {
      hash: hashText(scope, name),
      scope,
      key: name,
      owner: owner === null ? null : jobId(owner),
      sinceWallMs,
    };
  },
};

export const queueKeySpec: TableSpec<QueueKey> = { name: "queueKeys", version: 1, codec };
