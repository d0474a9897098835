// acquire-key.ts — `executionKey.acquire`: a job holds the key, waits for it in line, or is told that it is
// busy (SEMANTICS §3). Re-entrant by owner and session: who holds it gets the same token, also when it holds
// it by its run; who waits keeps its ticket.
import type { PartitionWrite } from "../command.ts";
import type { Decision } from "../decision.ts";
import type { FencingToken } from "../ids.ts";
import { nameIn, type Partition } from "../partition/partition.ts";
import { heldInSession } from "../session/only-in-session.ts";
import type { Asking } from "../session/session.ts";
import type { Moment, State } from "../state.ts";
import { takeCancel } from "./cancelled-owner.ts";
import { holderOf } from "./execution-key.ts";
import { slotFor, standInLine, takeSlot, waiting } from "./slot.ts";
import { waitUnder } from "./wait.ts";
import { waitName } from "./waiter.ts";

type Args = Extract<PartitionWrite, { name: "executionKey.acquire" }>["args"];

export function acquireKey(
  state: State,
  moment: Moment,
  call: {
    readonly partition: Partition;
    readonly args: Args;
    readonly asking: Asking | undefined;
  },
): Decision {
  const { partition, args, asking } = call;
  if (asking === undefined) return heldInSession;
  const { key, owner, waitTimeoutMs } = args;
  const { session, sequence } = asking;
  const row = state.executionKeys.find(nameIn(partition, key));
  const held = holderOf(row, { owner, session: session.key });
  if (held !== undefined) return heldWith(held.token);
  const kind = "for-key";
  const name = waitName({ scope: partition.number, executionKey: key, owner, kind });
  const waiter = session.waits.get(name);
  if (waiter !== undefined) {
    waitUnder(state, { waiter, sequence });
    return waiting(waiter);
  }
  if (takeCancel(state, { partition, owner, job: null }) === "cancelled") {
    return { status: "cancelled" };
  }
  const onBusy = args.mode === "wait" ? "wait" : "reject";
  const slot = slotFor(state, moment, { partition, key, onBusy });
  const asker = { partition, key, owner, asking };
  if (slot.kind === "none") return slot.decision;
  if (slot.kind === "free") {
    return heldWith(takeSlot(state, moment, { ...asker, row: slot.row }).token);
  }
  return standInLine(state, moment, { ...asker, row: slot.row, job: null, waitTimeoutMs });
}

function heldWith(token: FencingToken): Decision {
  return { status: "held", token };
}
