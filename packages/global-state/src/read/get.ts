// get.ts — `get`: one object by its name, as a list shows it. And what a list shows of the rows of each kind.
import { unreachable } from "../assert.ts";
import { markItem } from "../cancel/cancel-mark.ts";
import { ruleItem } from "../cancel/cancel-rule.ts";
import type { ListKind } from "../command.ts";
import type { ExecutionKey } from "../execution-key/execution-key.ts";
import { executionKeyItem } from "../execution-key/item.ts";
import { finishedJobItem } from "../job/finished-job.ts";
import { runItem } from "../job/run.ts";
import { nameIn, type Partition } from "../partition/partition.ts";
import { pauseItem } from "../pause/pause.ts";
import { queueKeyItem } from "../queue-key/queue-key.ts";
import type { ListedItem, Result } from "../result.ts";
import type { State } from "../state.ts";
import type { Row } from "../table/row.ts";
import type { Table } from "../table/table.ts";

interface Shown<Kind extends Row & { readonly key: string }> {
  readonly table: Table<Kind>;
  readonly itemOf: (row: Kind) => ListedItem;
}

/** Calls `use` with the table of that kind, whatever its rows are. */
export function withShown<Answer>(
  state: State,
  of: { readonly partition: Partition; readonly kind: ListKind },
  use: <Kind extends Row & { readonly key: string }>(shown: Shown<Kind>) => Answer,
): Answer {
  const { partition } = of;
  switch (of.kind) {
    case "cancelMarks":
      return use({ table: state.cancelMarks, itemOf: markItem });
    case "queueKeys":
      return use({ table: state.queueKeys, itemOf: queueKeyItem });
    case "executionKeys":
      return use({ table: state.executionKeys, itemOf: keyItemUnder(partition) });
    case "pauses":
      return use({ table: state.pauses, itemOf: pauseItem });
    case "cancelRules":
      return use({ table: state.cancelRules, itemOf: ruleItem });
    case "runs":
      return use({ table: state.runs, itemOf: runItem });
    case "finishedJobs":
      return use({ table: state.finishedJobs, itemOf: finishedJobItem });
    default:
      return unreachable(of.kind);
  }
}

/** By the rules as they are now, whenever it is asked: the record of the rules changes. */
function keyItemUnder({ limitRules }: Partition): (row: ExecutionKey) => ListedItem {
  const ruled = { limitRules: limitRules === undefined ? undefined : { rules: limitRules.rules } };
  return (row) => executionKeyItem(ruled, row);
}

export function getItem(
  state: State,
  partition: Partition,
  asked: { readonly kind: ListKind; readonly name: string },
): Result {
  const { kind, name } = asked;
  return withShown(state, { partition, kind }, ({ table, itemOf }) => {
    const row = table.find(nameIn(partition, name));
    return { status: "got", item: row === undefined ? null : itemOf(row) };
  });
}
