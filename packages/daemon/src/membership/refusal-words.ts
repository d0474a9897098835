// refusal-words.ts — why a change of membership was refused, in a sentence that says what to do.
import type { MembershipOutcome } from "@rogerd/raft";

export type RefusalReason = Extract<MembershipOutcome, { readonly kind: "refused" }>["reason"];

/** About `name`, as the operator called it. */
export function refusalSentence(reason: RefusalReason, name: string): string {
  return `${name}: ${sentences[reason]}`;
}

/** Over in a moment by itself: worth asking again. */
export function isPassing(reason: RefusalReason): boolean {
  return reason === "term-not-begun";
}

const sentences = {
  "term-not-begun": "the leader has just been elected, try again in a moment",
  "change-under-way": "another change of membership is not through yet; see rogerctl members",
  "not-a-member": "there is no such member; see rogerctl members",
  "not-a-learner":
    "only a learner can be given a vote, and it is none (rogerctl members shows who votes already); a new node becomes one by rogerctl member add and serve --join",
  "already-a-member": "it is a member already",
  "removed-before":
    "this node was removed, and a removed node never comes back; start it with an empty data directory",
  "name-taken": "a member has this name; choose another, or remove that member first",
  "address-taken":
    "another member is found at this --peer address; see rogerctl members, and give each node its own",
  "too-many-members": "a cluster has 64 members at most; remove one first",
  "too-many-removed":
    "4096 nodes have been removed from this cluster, and each is remembered; make a backup and restore it into a new cluster, which remembers none of them",
  unchanged: "it is so already",
  "last-voter": "it is the only voter; promote another first",
  "not-caught-up":
    "it has not received the log yet, or does not answer; see rogerctl members, then try again",
  "majority-not-there":
    "fewer than a majority of the remaining voters answer now, so the cluster would stop; start them first, or --force",
} as const satisfies Record<RefusalReason, string>;
