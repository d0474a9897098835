// listing.ts — which table each list is of, and what it shows of the rows.
import type { ListRead } from "../command.ts";
import { notStarted } from "../decision.ts";
import { partitionItem } from "../partition/partition.ts";
import { startedPartition } from "../partition/partitions.ts";
import type { Refusal } from "../result.ts";
import { sessionItem } from "../session/session.ts";
import type { State } from "../state.ts";
import type { Row } from "../table/row.ts";
import { withShown } from "./get.ts";
import type { Listing } from "./list.ts";

/** Calls `use` with the listing, whatever its rows are; or answers why there is none. */
export function withListing<Answer>(
  state: State,
  read: ListRead,
  use: <Kind extends Row>(listing: Listing<Kind>) => Answer,
): Answer | Refusal {
  const { rowsVisitedMax } = state.limits;
  const { prefix } = read.args;
  const whole = { scope: 0, prefix, rowsVisitedMax };
  if (read.name === "partition.list") {
    const isShown = ({ dropping }: { readonly dropping: unknown }) => dropping === undefined;
    return use({ ...whole, table: state.partitions, itemOf: partitionItem, isShown });
  }
  if (read.name === "session.list") {
    const prefixedOf = ({ label }: { readonly label: string }) => label;
    return use({ ...whole, table: state.sessions, itemOf: sessionItem, prefixedOf });
  }
  const partition = startedPartition(state, read.partition);
  if (partition === undefined) return notStarted(read.partition);
  const { kind } = read.args;
  return withShown(state, { partition, kind }, (shown) =>
    use({ scope: partition.number, prefix, rowsVisitedMax, ...shown }),
  );
}
