// event-fold.ts — what somebody knows who has seen nothing but the events: a list of everything, by fold (I11).
import {
  type EventItem,
  type GlobalState,
  partitionId,
  type Read,
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
  /** What events of keys that several hold say otherwise than those before them. */
  readonly wrong: string[] = [];

  see(events: readonly StateEvent[]): void {
    for (const event of events) {
      const item = event.item ?? event.was;
      const which = item !== null && "ticket" in item ? String(item.ticket) : event.name;
      const name = JSON.stringify([event.partition, kindOf(event), which]);
      if (event.item === null) this.#items.delete(name);
      else this.#items.set(name, this.#withAllHolders(event.item, this.#items.get(name)));
    }
  }

  /** Of a key that several hold an event says who came and who went. */
  #withAllHolders(item: EventItem, before: EventItem | undefined): EventItem {
    if (!("came" in item) || item.came === undefined) return item;
    const { came, key, held, holders: first, went = [] } = item;
    const gone = new Set(went.map(({ token }) => token));
    const were = before !== undefined && "holders" in before ? before.holders : [];
    const stay = were.filter(({ token }) => !gone.has(token));
    const holders = [...stay, ...came];
    const isRight =
      stay.length === were.length - went.length &&
      holders.length === held &&
      JSON.stringify(holders.slice(0, first.length)) === JSON.stringify(first);
    if (!isRight) this.wrong.push(`${key} is held otherwise than ${JSON.stringify(item)} says`);
    return { key, holders };
  }

  /** As many as there are of this kind in a partition, or of the whole group; in no order. */
  itemsOf(partition: string | null, kind: string): readonly EventItem[] {
    const place = JSON.stringify([partition, kind]).slice(0, -1);
    return [...this.#items]
      .filter(([name]) => name.startsWith(`${place},`))
      .map(([, item]) => item);
  }

  get partitions(): readonly string[] {
    return this.itemsOf(null, "partitions").flatMap((item) =>
      "partition" in item ? [item.partition] : [],
    );
  }

  /** What a list adds to an execution key comes from its rules and from who waits. */
  keysOf(partition: string): readonly object[] {
    const waiting = this.itemsOf(partition, "waiters");
    return this.itemsOf(partition, "executionKeys").flatMap((item) => {
      if (!("holders" in item)) return [];
      const { key, holders } = item;
      const waiters = waiting.filter((each) => "key" in each && each.key === key).length;
      const limit = this.#limitOf(partition, key);
      return [{ key, limit, holders, ...(waiters > 0 && { waiters }) }];
    });
  }

  /** And to a session, what it has. */
  get sessions(): readonly object[] {
    return this.itemsOf(null, "sessions").flatMap((item) =>
      "ttlMs" in item ? [{ ...item, ...this.#hasSession(item.session) }] : [],
    );
  }

  #hasSession(session: number): object {
    const isIts = (item: object): boolean => "session" in item && item.session === session;
    const all = (kind: string): readonly EventItem[] => this.#everywhere(kind);
    const holders = all("executionKeys").flatMap((item) => ("holders" in item ? item.holders : []));
    return {
      holds: holders.filter(isIts).length,
      waits: all("waiters").filter(isIts).length,
      runs: all("runs").filter(isIts).length,
    };
  }

  /** Also in partitions that are dropped and not empty yet: there it is told as it goes. */
  #everywhere(kind: string): readonly EventItem[] {
    const isOfKind = (name: string): boolean =>
      (JSON.parse(name) as readonly unknown[])[1] === kind;
    return [...this.#items].filter(([name]) => isOfKind(name)).map(([, item]) => item);
  }

  #limitOf(partition: string, key: string): number {
    const rules = this.itemsOf(partition, "limitRules").flatMap((item) =>
      "rules" in item ? item.rules : [],
    );
    const fitting = rules.filter(({ prefix }) => key.startsWith(prefix));
    const longest = fitting.toSorted((a, b) => b.prefix.length - a.prefix.length)[0];
    return longest?.limit ?? 1;
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
  const page = { prefix: "", limit: 1_000, cursor: undefined };
  const ofPartitions = fold.partitions.flatMap((partition) =>
    kinds.flatMap((kind) => {
      const args = { kind, ...page };
      const read = { name: "list", partition: partitionId(partition), args } as const;
      const isKeys = kind === "executionKeys";
      const told = isKeys ? fold.keysOf(partition) : fold.itemsOf(partition, kind);
      return difference(`${partition} ${kind}`, { is: listed(state, read), told });
    }),
  );
  const partitions = listed(state, { name: "partition.list", args: page });
  return [
    ...fold.wrong,
    ...ofPartitions,
    ...difference("partitions", { is: partitions, told: fold.itemsOf(null, "partitions") }),
    ...difference("sessions", { is: liveSessions(state, fold), told: fold.sessions }),
  ];
}

/** One that is ending is listed as long as it has something; for whoever watches, it has ended. */
function liveSessions(state: GlobalState, fold: EventFold): readonly object[] | undefined {
  const args = { prefix: "", limit: 1_000, cursor: undefined };
  const live = new Set(
    fold.itemsOf(null, "sessions").map((item) => ("session" in item ? item.session : 0)),
  );
  return listed(state, { name: "session.list", args })?.filter(
    (item) => "session" in item && typeof item.session === "number" && live.has(item.session),
  );
}

function difference(
  what: string,
  of: { readonly is: readonly object[] | undefined; readonly told: readonly object[] },
): readonly string[] {
  if (of.is === undefined) return [];
  const [is, told] = [of.is, of.told].map((items) =>
    items
      .map((item) => JSON.stringify(item))
      .sort()
      .join(),
  );
  return is === told ? [] : [`${what}: ${is}, by its events ${told}`];
}

function listed(state: GlobalState, read: Read): readonly object[] | undefined {
  const answer = state.read(read);
  if (!("result" in answer) || answer.result.status !== "list") return undefined;
  return answer.result.next === null ? answer.result.items : undefined;
}
