// event-fold.ts — what somebody knows who has seen nothing but the events: a list of everything, by fold (I11).
import {
  type EventItem,
  type GlobalState,
  type PartitionItem,
  type PartitionRead,
  partitionId,
  type StateEvent,
} from "../src/index.ts";

/** Of what a thing is, by what its events are called. */
const kindsOfTypes = {
  partition: "partitions",
  session: "sessions",
  job: "runs",
  queueKey: "queueKeys",
  queue: "pauses",
} as const;

function kindOf({ type }: StateEvent): string {
  if (type.startsWith("cancel.rule")) return "cancelRules";
  if (type.startsWith("cancel.")) return "cancelMarks";
  if (type === "executionKey.waiting" || type === "executionKey.waitEnded") return "waiters";
  if (type === "executionKey.rulesChanged") return "limitRules";
  if (type === "job.remembered" || type === "job.forgotten") return "finishedJobs";
  if (type.startsWith("executionKey.")) return "executionKeys";
  return kindsOfTypes[type.slice(0, type.indexOf(".")) as keyof typeof kindsOfTypes];
}

export class EventFold {
  readonly #items = new Map<string, EventItem>();

  see(events: readonly StateEvent[]): void {
    for (const event of events) {
      const item = event.item ?? event.was;
      const which = item !== null && "ticket" in item ? String(item.ticket) : event.name;
      const name = JSON.stringify([event.partition, kindOf(event), which]);
      if (event.item === null) this.#items.delete(name);
      else this.#items.set(name, event.item);
    }
  }

  /** As many as there are of this kind in a partition; in no order. */
  itemsOf(partition: string | null, kind: string): readonly string[] {
    const place = JSON.stringify([partition, kind]).slice(0, -1);
    return [...this.#items]
      .filter(([name]) => name.startsWith(`${place},`))
      .map(([, item]) => JSON.stringify(item))
      .sort();
  }
}

const kinds = [
  "cancelMarks",
  "queueKeys",
  "executionKeys",
  "pauses",
  "cancelRules",
  "runs",
  "finishedJobs",
] as const;

/** What a list says otherwise than the events did; of partitions that answer, and of what fits one page. */
export function differences(state: GlobalState, fold: EventFold): readonly string[] {
  return fold.itemsOf(null, "partitions").flatMap((text) => {
    const { partition } = JSON.parse(text) as PartitionItem;
    return kinds.flatMap((kind) => {
      const is = listed(state, partition, kind);
      const told = fold.itemsOf(partition, kind);
      if (is === undefined || is.join() === told.join()) return [];
      return [`${partition} ${kind}: ${is.join()}, by its events ${told.join()}`];
    });
  });
}

function listed(
  state: GlobalState,
  partition: string,
  kind: (typeof kinds)[number],
): readonly string[] | undefined {
  const read: PartitionRead = {
    name: "list",
    partition: partitionId(partition),
    args: { kind, prefix: "", limit: 1_000, cursor: undefined },
  };
  const answer = state.read(read);
  if (!("result" in answer) || answer.result.status !== "list") return undefined;
  return answer.result.next === null ? answer.result.items.map(asInEvents).sort() : undefined;
}

/** What a list adds to an execution key comes from its rules and from who waits. */
function asInEvents(item: object): string {
  return JSON.stringify(item, (name, value: unknown) =>
    name === "limit" || name === "waiters" ? undefined : value,
  );
}
