// remove-queued.ts — Roger's form 6: the queue key is free, whoever had it, and whether it was taken or not.
import { type Decision, ok } from "../decision.ts";
import type { State } from "../state.ts";
import { type AskedKey, findQueueKey, removeQueueKey } from "./queue-keys.ts";

export function removeQueued(state: State, asked: AskedKey): Decision {
  const found = findQueueKey(state, asked);
  if (found !== undefined) removeQueueKey(state, found);
  return ok;
}
