// outcomes.ts — all that a proposal, a read, a transfer or a change of membership can come to. Closed sets: expected
// outcomes are values, and "we do not know" is one of them.
import type { MembershipRefusal } from "../core/effect.ts";
import type { LogIndex, NodeId, Term } from "../core/ids.ts";

export type ProposalOutcome<Result> =
  | {
      readonly kind: "applied";
      readonly index: LogIndex;
      readonly term: Term;
      readonly result: Result;
    }
  /** Certainly not appended. */
  | { readonly kind: "not-leader"; readonly leaderId: NodeId | undefined }
  /** Another entry took its place: certainly not applied, now or later. */
  | { readonly kind: "lost" }
  /** Certainly not appended: too much is uncommitted or waiting, or the disk is stalled or nearly full. */
  | { readonly kind: "overloaded" }
  /** It may have been applied, or may still be. */
  | { readonly kind: "indeterminate"; readonly cause: "leadership-lost" | "stopped" };

export type ReadOutcome =
  /** Everything acknowledged before the read was asked for is applied here. */
  | { readonly kind: "ready"; readonly appliedIndex: LogIndex }
  | { readonly kind: "not-leader"; readonly leaderId: NodeId | undefined }
  /** A leader that can't confirm that it still leads, or a node that is stopping. */
  | { readonly kind: "unavailable" };

export type TransferOutcome = {
  readonly kind:
    | "done"
    | "timed-out"
    | "no-target"
    | "unreachable"
    | "not-leader"
    | "superseded"
    | "stopped";
};

export type MembershipOutcome =
  /** Through: no joint configuration is left, and what is in force now is committed. */
  | { readonly kind: "changed"; readonly index: LogIndex }
  /** Certainly not begun. */
  | { readonly kind: "not-leader"; readonly leaderId: NodeId | undefined }
  | {
      readonly kind: "refused";
      readonly reason: Exclude<MembershipRefusal, "not-leader" | "transferring">;
    }
  /** Begun; a later leader completes it or takes it back. The configuration tells, once one leads. */
  | { readonly kind: "indeterminate"; readonly cause: "leadership-lost" | "stopped" };
