// pause.ts — the record that says "no new starts from this queue", by selector (SEMANTICS §2).
import type { Selector } from "../ids.ts";
import { selector } from "../ids.ts";
import { nameIn, type Partition } from "../partition/partition.ts";
import type { PauseItem } from "../result.ts";
import { hashText } from "../table/hash.ts";
import type { Row, RowCodec } from "../table/row.ts";
import type { TableSpec } from "../table/table.ts";

export interface Pause extends Row {
  readonly key: Selector;
  readonly by: string;
  readonly reason: string;
  readonly sinceWallMs: number;
}

export function newPause(parts: {
  readonly partition: Partition;
  readonly selector: Selector;
  readonly by: string;
  readonly reason: string;
  readonly sinceWallMs: number;
}): Pause {
  const { hash, scope } = nameIn(parts.partition, parts.selector);
  const { by, reason, sinceWallMs } = parts;
  return { hash, scope, key: parts.selector, by, reason, sinceWallMs };
}

export function pauseItem(row: Pause): PauseItem {
  return { selector: row.key, by: row.by, reason: row.reason, since: row.sinceWallMs };
}

const codec: RowCodec<Pause> = {
  write(row, writer) {
    writer.count(row.scope);
    writer.text(row.key);
    writer.text(row.by);
    writer.text(row.reason);
    writer.count(row.sinceWallMs);
  },
  read(reader) {
    const scope = reader.count();
    const key = selector(reader.name());
    const by = reader.text();
    const reason = reader.text();
    return { hash: hashText(scope, key), scope, key, by, reason, sinceWallMs: reader.count() };
  },
};

export const pauseSpec: TableSpec<Pause> = { name: "pauses", version: 1, codec };
