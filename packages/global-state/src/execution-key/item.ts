// item.ts — an execution key as a list shows it: the limit that its rule gives it, who holds it, how many wait.
import type { ExecutionKeyItem, HolderItem } from "../result.ts";
import type { ExecutionKey } from "./execution-key.ts";
import type { Holder } from "./holders.ts";
import { type Ruled, ruleFor } from "./limit-rules.ts";

export function holderItem(holder: Holder): HolderItem {
  return {
    owner: holder.owner,
    ...(holder.session !== null && { session: holder.session }),
    token: holder.token,
    since: holder.sinceWallMs,
  };
}

export function executionKeyItem(partition: Ruled, row: ExecutionKey): ExecutionKeyItem {
  const holders = [...row.holders].map(holderItem);
  const { limit } = ruleFor(partition, row.key);
  const waiters = row.line.size;
  return { key: row.key, limit, holders, ...(waiters > 0 && { waiters }) };
}
