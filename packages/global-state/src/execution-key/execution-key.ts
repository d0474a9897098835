// execution-key.ts — the record that says who runs under a key: a set of holders, never a counter
// (SEMANTICS §4.3). A key without a holder has no record. Holders are made in grant.ts only.
import type { FencingToken, JobId, Key } from "../ids.ts";
import { fencingToken, jobId, key } from "../ids.ts";
import type { ExecutionKeyItem } from "../result.ts";
import { DamagedSnapshotError } from "../snapshot/damaged-snapshot.ts";
import type { Reader } from "../snapshot/reader.ts";
import { hashText } from "../table/hash.ts";
import type { Row, RowCodec } from "../table/row.ts";
import type { TableSpec } from "../table/table.ts";

/** How many may hold a key at once. One for every key until limits become configuration. */
export const holdersMax = 1;

export interface Holder {
  /** Null for Roger's forms: a holder without a name, which anyone may end. */
  readonly owner: JobId | null;
  readonly token: FencingToken;
  readonly sinceWallMs: number;
}

export interface ExecutionKey extends Row {
  readonly key: Key;
  /** At least one; in order of their tokens. */
  readonly holders: Holder[];
}

export function executionKeyItem(row: ExecutionKey): ExecutionKeyItem {
  const holders = row.holders.map((holder) => ({
    owner: holder.owner,
    token: holder.token,
    since: holder.sinceWallMs,
  }));
  return { key: row.key, limit: holdersMax, holders };
}

const codec: RowCodec<ExecutionKey> = {
  write(row, writer) {
    writer.count(row.scope);
    writer.text(row.key);
    writer.count(row.holders.length);
    for (const holder of row.holders) {
      writer.optionalText(holder.owner);
      writer.count(holder.token);
      writer.count(holder.sinceWallMs);
    }
  },
  read(reader) {
    const scope = reader.count();
    const name = key(reader.name());
    const count = reader.count();
    if (count < 1 || count > holdersMax) {
      throw new DamagedSnapshotError("a key in the table has as many holders as it may");
    }
    const holders = Array.from({ length: count }, () => readHolder(reader));
    return { hash: hashText(scope, name), scope, key: name, holders };
  },
};

function readHolder(reader: Reader): Holder {
  const owner = reader.optionalName();
  const token = fencingToken(reader.count());
  return { owner: owner === null ? null : jobId(owner), token, sinceWallMs: reader.count() };
}

export const executionKeySpec: TableSpec<ExecutionKey> = {
  name: "executionKeys",
  version: 1,
  codec,
};
