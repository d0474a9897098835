// release.ts — Roger's form 6: the queue key is free, whoever had it, and whether it was taken or not.
import { type Decision, ok } from "../decision.ts";
import type { Key } from "../ids.ts";
import { nameIn, type Partition } from "../partition/partition.ts";
import type { State } from "../state.ts";

export function removeQueued(
  state: State,
  asked: { readonly partition: Partition; readonly key: Key },
): Decision {
  const found = state.queueKeys.find(nameIn(asked.partition, asked.key));
  if (found === undefined) return ok;
  state.queueKeys.remove(found);
  asked.partition.queueKeys -= 1;
  return ok;
}
