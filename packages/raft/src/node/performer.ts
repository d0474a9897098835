// performer.ts — one effect, the part that performs it. It only distributes: no effect is held back,
// reordered or answered here, and none waits.

import { unreachable } from "../core/assert.ts";
import type { Effect, MembershipRefusal, Persist, RefusalReason } from "../core/effect.ts";
import type { NodeId } from "../core/ids.ts";
import type { Message } from "../core/message.ts";
import type { Duties } from "./duties.ts";
import type { RoleChange } from "./observer.ts";
import type { MembershipOutcome, ProposalOutcome, ReadOutcome } from "./outcomes.ts";

export class Performer<Result> {
  readonly #duties: Duties<Result>;
  readonly #roleChanged: (change: RoleChange) => void;
  #outgoing: Message[] = [];
  #leaderId: NodeId | undefined;
  /** A configuration may have come into force, or have been taken back, since it was last asked. */
  #touchedConfiguration = true;

  constructor(duties: Duties<Result>, roleChanged: (change: RoleChange) => void) {
    this.#duties = duties;
    this.#roleChanged = roleChanged;
  }

  perform(effect: Effect): void {
    const { applier, arrival, groupCommit, membershipChanges } = this.#duties;
    const { proposals, reads, sending, transfers } = this.#duties;
    switch (effect.kind) {
      case "persist":
        this.#touchedConfiguration ||= touchesConfiguration(effect);
        return groupCommit.gather(effect);
      case "send":
        this.#outgoing.push(effect.message);
        return;
      case "commit":
        return applier.commit(effect.through);
      case "accepted":
        return proposals.accepted(effect);
      case "refused":
        return proposals.refused(effect.ticket, this.#refusal(effect.reason));
      case "readable":
        return reads.readable({ ...effect, appliedIndex: applier.applied.index });
      case "read-refused":
        return reads.refused(effect.ticket, this.#readRefusal(effect.reason));
      case "transfer-ended":
        return transfers.ended(effect.ticket, { kind: effect.outcome });
      case "membership-changed":
        return membershipChanges.ended(effect.ticket, { kind: "changed", index: effect.index });
      case "membership-refused":
        return membershipChanges.ended(effect.ticket, this.#membershipRefusal(effect.reason));
      case "membership-unknown": {
        const outcome = { kind: "indeterminate", cause: "leadership-lost" } as const;
        return membershipChanges.ended(effect.ticket, outcome);
      }
      case "truncated":
        return; // proves nothing to who waits for them: see proposals.ts
      case "role-changed":
        this.#leaderId = effect.leaderId;
        return this.#roleChanged(roleChange(effect));
      case "load-chunk":
        return sending.load(effect);
      case "store-chunk":
        return arrival.store(effect);
      case "restore":
        applier.restoring(effect.snapshot);
        return this.#duties.restoring.want(effect.snapshot);
      default:
        return unreachable(effect);
    }
  }

  /** Pledges whose persist is on disk. */
  release(pledges: readonly Message[]): void {
    for (const pledge of pledges) this.#outgoing.push(pledge);
  }

  /** All messages since the last call, in the order in which the core made them. */
  takeOutgoing(): readonly Message[] {
    const outgoing = this.#outgoing;
    this.#outgoing = [];
    return outgoing;
  }

  takeTouchedConfiguration(): boolean {
    const touched = this.#touchedConfiguration;
    this.#touchedConfiguration = false;
    return touched;
  }

  get leaderId(): NodeId | undefined {
    return this.#leaderId;
  }

  #refusal(reason: RefusalReason): ProposalOutcome<Result> {
    if (reason === "not-leader") return { kind: "not-leader", leaderId: this.#leaderId };
    if (reason === "transferring") return { kind: "not-leader", leaderId: undefined };
    return { kind: "overloaded" };
  }

  #membershipRefusal(reason: MembershipRefusal): MembershipOutcome {
    if (reason === "not-leader") return { kind: "not-leader", leaderId: this.#leaderId };
    if (reason === "transferring") return { kind: "not-leader", leaderId: undefined };
    return { kind: "refused", reason };
  }

  #readRefusal(reason: RefusalReason): ReadOutcome {
    if (reason === "not-leader") return { kind: "not-leader", leaderId: this.#leaderId };
    return { kind: "unavailable" };
  }
}

function roleChange({ role, term, leaderId, cause }: RoleChange): RoleChange {
  return { role, term, leaderId, cause };
}

function touchesConfiguration(persist: Persist): boolean {
  if (persist.truncateFrom !== undefined || persist.snapshotMark !== undefined) return true;
  return persist.entries.some((entry) => entry.kind === "configuration");
}
