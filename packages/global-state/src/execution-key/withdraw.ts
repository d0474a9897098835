// withdraw.ts — `executionKey.withdraw`: who waits waits no more, or gives back what a grant has given it
// meanwhile (SEMANTICS §3). Never refused by a bound.
import type { PartitionWrite } from "../command.ts";
import type { Decision } from "../decision.ts";
import { nameIn, type Partition } from "../partition/partition.ts";
import type { Asking } from "../session/session.ts";
import type { Moment, State } from "../state.ts";
import { onlyInSession } from "./acquire-key.ts";
import { endHold } from "./end-hold.ts";
import { holderOf } from "./execution-key.ts";
import { settle } from "./settle.ts";
import { leaveLine } from "./wait.ts";
import { waitName } from "./waiter.ts";

type Args = Extract<PartitionWrite, { name: "executionKey.withdraw" }>["args"];

export function withdraw(
  state: State,
  moment: Moment,
  asked: {
    readonly partition: Partition;
    readonly args: Args;
    readonly asking: Asking | undefined;
  },
): Decision {
  const { partition, args, asking } = asked;
  if (asking === undefined) return onlyInSession;
  const { session } = asking;
  const { key, owner } = args;
  const row = state.executionKeys.find(nameIn(partition, key));
  if (row === undefined) return { status: "not_held", reason: "not_holder" };
  const name = waitName({ scope: partition.number, executionKey: key, owner });
  const waiter = session.waits.get(name);
  if (waiter !== undefined) {
    leaveLine(state, { row, waiter, session });
    settle(state, moment, row);
    return { status: "withdrawn" };
  }
  const holder = holderOf(row, { owner, session: session.key });
  if (holder === undefined) return { status: "not_held", reason: "not_holder" };
  endHold(state, moment, { row, holder, cause: "released" });
  settle(state, moment, row);
  return { status: "released" };
}
