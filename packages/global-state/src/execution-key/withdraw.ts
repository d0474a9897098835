// withdraw.ts — `executionKey.withdraw`: who waits waits no more, or gives back what a grant has given it
// meanwhile (SEMANTICS §3). A job that has started is finished, to be started again. Never refused by a bound.
import type { PartitionWrite } from "../command.ts";
import type { Decision } from "../decision.ts";
import type { JobId, Key } from "../ids.ts";
import { finishRun } from "../job/finish-run.ts";
import { nameIn, type Partition } from "../partition/partition.ts";
import type { Asking, Session } from "../session/session.ts";
import type { Moment, State } from "../state.ts";
import { heldInSession } from "../session/only-in-session.ts";
import { endHold } from "./end-hold.ts";
import { holderOf } from "./execution-key.ts";
import { settle } from "./settle.ts";
import { leaveLine } from "./wait.ts";
import { type Waiter, waitName } from "./waiter.ts";

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
  if (asking === undefined) return heldInSession;
  const { session } = asking;
  const { key, owner } = args;
  const row = state.executionKeys.find(nameIn(partition, key));
  if (row === undefined) return { status: "not_held", reason: "not_holder" };
  const waiter = waitOf(partition, { session, key, owner });
  if (waiter !== undefined) {
    leaveLine(state, { row, waiter, session });
    settle(state, moment, row);
    return { status: "withdrawn" };
  }
  const holder = holderOf(row, { owner, session: session.key });
  if (holder === undefined) return { status: "not_held", reason: "not_holder" };
  const run = session.runs.get(holder.token);
  if (run !== undefined) {
    finishRun(state, moment, { partition, run, finish: toBeRetried });
    return { status: "released" };
  }
  endHold(state, moment, { row, holder, cause: "released" });
  settle(state, moment, row);
  return { status: "released" };
}

const toBeRetried = { outcome: "retry", keepQueueKey: true, rememberMs: undefined } as const;

function waitOf(
  partition: Partition,
  of: { readonly session: Session; readonly key: Key; readonly owner: JobId },
): Waiter | undefined {
  const { waits } = of.session;
  const name = { scope: partition.number, executionKey: of.key, owner: of.owner };
  return (
    waits.get(waitName({ ...name, kind: "for-key" })) ??
    waits.get(waitName({ ...name, kind: "to-start" }))
  );
}
