// health.ts — is this node alive, is it ready, how far is it behind? Pure over the node's own
// status. Live never depends on a majority: a node that waits for others must not be restarted.
import type { RaftStatus } from "@rogerd/raft";

export interface Check {
  readonly name: string;
  /** Undefined: fine. Otherwise why not, as one clause for a person. */
  readonly failure: string | undefined;
}

export interface Health {
  readonly isReady: boolean;
  readonly checks: readonly Check[];
}

export interface Vitals {
  readonly raft: RaftStatus;
  /** Undefined while serving; otherwise why this node answers nothing (DESIGN §5: hashes differ). */
  readonly notServing: string | undefined;
  readonly isStopping: boolean;
}

/** A follower may be a little behind and still ready: this many entries known committed, not applied. */
const behindMax = 10_000;

export function healthOf(vitals: Vitals): Health {
  const { raft } = vitals;
  const behind = raft.commitIndex - raft.appliedIndex;
  const checks: Check[] = [
    {
      name: "leader",
      failure: raft.leaderId === undefined ? "no leader is known" : undefined,
    },
    {
      name: "applied",
      failure: behind > behindMax ? `${behind} committed entries are not applied yet` : undefined,
    },
    { name: "disk", failure: raft.isDiskStalled ? "a write has not finished in time" : undefined },
    { name: "state", failure: vitals.notServing },
    { name: "running", failure: vitals.isStopping ? "this node is stopping" : undefined },
  ];
  return { isReady: checks.every((check) => check.failure === undefined), checks };
}
