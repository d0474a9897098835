// acquire-key.ts — `executionKey.acquire`: a job holds the key, waits for it in line, or is told that it is
// busy (SEMANTICS §3). Re-entrant by owner and session: who holds it gets the same token, who waits keeps its
// ticket. Nobody overtakes: with room for it but others in line, it is busy.
import type { PartitionWrite } from "../command.ts";
import { type Decision, invalidArgument, quotaExceeded } from "../decision.ts";
import type { FencingToken } from "../ids.ts";
import { after, never } from "../log-time.ts";
import { nameIn, type Partition } from "../partition/partition.ts";
import type { Asking } from "../session/session.ts";
import type { Moment, State } from "../state.ts";
import { takeCancel } from "./cancelled-owner.ts";
import { type ExecutionKey, holderOf, isDelayed, newExecutionKey } from "./execution-key.ts";
import { grantTo } from "./grant.ts";
import { type LimitRule, ruleFor } from "./limit-rules.ts";
import { awaitTurn, settle } from "./settle.ts";
import { joinLine } from "./wait.ts";
import { type Waiter, waitName } from "./waiter.ts";

type Args = Extract<PartitionWrite, { name: "executionKey.acquire" }>["args"];

interface Asked {
  readonly partition: Partition;
  readonly args: Args;
  readonly asking: Asking;
}

/** A key that is held has no known end: ask again after that. */
const retryAfterMs = 1_000;

export const onlyInSession: Decision = invalidArgument({
  path: "session",
  reason: "a key is held by a session: session.open comes first",
});

export function acquireKey(
  state: State,
  moment: Moment,
  call: Omit<Asked, "asking"> & { readonly asking: Asking | undefined },
): Decision {
  const { partition, args, asking } = call;
  if (asking === undefined) return onlyInSession;
  const { key, owner } = args;
  const row = state.executionKeys.find(nameIn(partition, key));
  const held = holderOf(row, { owner, session: asking.session.key });
  if (held !== undefined) return heldWith(held.token);
  const name = waitName({ scope: partition.number, executionKey: key, owner });
  const waiter = asking.session.waits.get(name);
  if (waiter !== undefined) return waitOn(state, { waiter, sequence: asking.sequence });
  if (takeCancel(state, { partition, owner }) === "cancelled") return { status: "cancelled" };
  const asked = { partition, args, asking };
  if (row === undefined) return holdNew(state, moment, asked);
  const rule = ruleFor(partition, key);
  if (hasRoom(row, rule)) return hold(state, moment, { ...asked, row });
  if (args.mode === "try") return busy(row, moment);
  return wait(state, moment, { ...asked, row, rule });
}

function heldWith(token: FencingToken): Decision {
  return { status: "held", token };
}

/** A later call is the one that its client waits for now. */
function waitOn(
  state: State,
  again: { readonly waiter: Waiter; readonly sequence: number },
): Decision {
  const { waiter, sequence } = again;
  state.waiters.touch(waiter);
  waiter.sequence = Math.max(waiter.sequence, sequence);
  return waiting(waiter);
}

function waiting(waiter: Waiter): Decision {
  return { status: "waiting", ticket: waiter.key, position: waiter.position };
}

function hasRoom(row: ExecutionKey, rule: LimitRule): boolean {
  return row.line.size === 0 && row.holders.length < rule.limit && !isDelayed(row);
}

function holdNew(state: State, moment: Moment, asked: Asked): Decision {
  const { partition } = asked;
  const current = partition.executionKeys;
  const limit = "executionKeys";
  if (current >= state.limits.executionKeysMax) return quotaExceeded({ limit, current });
  const { hash, scope } = nameIn(partition, asked.args.key);
  const row = newExecutionKey({ hash, scope, key: asked.args.key });
  state.executionKeys.insert(row);
  partition.executionKeys += 1;
  return hold(state, moment, { ...asked, row });
}

function hold(
  state: State,
  moment: Moment,
  asked: Asked & { readonly row: ExecutionKey },
): Decision {
  const { partition, args, asking, row } = asked;
  const { owner } = args;
  const { session } = asking;
  const { maxHoldMs } = ruleFor(partition, row.key);
  state.executionKeys.touch(row);
  const { token } = grantTo(state, moment, { row, owner, session, maxHoldMs });
  settle(state, moment, row);
  return heldWith(token);
}

/** What is said of a held key is a guess; of a delayed one it is the time. */
function busy(row: ExecutionKey, moment: Moment): Decision {
  const delayMs = isDelayed(row) ? Math.max(1, row.delayedUntil - moment.logTime) : 0;
  return {
    status: "busy",
    holders: row.holders.length,
    waiters: row.line.size,
    retryAfterMs: row.holders.length === 0 && delayMs > 0 ? delayMs : retryAfterMs,
  };
}

/** A full line is an answer: the key is busy, also for who would wait. */
function wait(
  state: State,
  moment: Moment,
  asked: Asked & { readonly row: ExecutionKey; readonly rule: LimitRule },
): Decision {
  const { partition, args, asking, row, rule } = asked;
  const { waitersMax, waitersPerKeyMax } = state.limits;
  const lineMax = Math.min(rule.maxWaiters ?? waitersPerKeyMax, waitersPerKeyMax);
  if (row.line.size >= lineMax) return busy(row, moment);
  const current = partition.waiters.size;
  if (current >= waitersMax) return quotaExceeded({ limit: "waiters", current });
  const { waitTimeoutMs, owner } = args;
  const expiresAt = waitTimeoutMs === undefined ? never : after(moment.logTime, waitTimeoutMs);
  const waiter = joinLine(state, { partition, row, owner, ...asking, expiresAt });
  state.executionKeys.touch(row);
  row.limit = rule.limit;
  awaitTurn(state, row);
  return waiting(waiter);
}
