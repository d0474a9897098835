// raft-node.ts — the driver's one loop: drain inputs, step, perform effects, report (E2).
// It decides nothing about the protocol (core/raft.ts does) and waits for nothing inside a turn:
// every completion comes back as an input.
import type { Configuration } from "../core/configuration.ts";
import type { NodeId } from "../core/ids.ts";
import type { Persister } from "../storage/persister.ts";
import type { LogStorage } from "../storage/storage.ts";
import type { NodeIdentity } from "./identity.ts";
import type { RaftObserver } from "./observer.ts";
import type { ProposalOutcome, ReadOutcome, TransferOutcome } from "./outcomes.ts";
import type { Platform } from "./platform.ts";
import type { RaftNodeSettings } from "./settings.ts";
import type { StateMachine } from "./state-machine.ts";
import type { RaftStatus } from "./status.ts";
import type { Transport } from "./transport.ts";

export interface RaftNodeParts<Result> {
  readonly identity: NodeIdentity;
  readonly settings: RaftNodeSettings;
  /** Opened by the caller, who also closes it, after `stop` resolved. */
  readonly storage: LogStorage;
  readonly persister: Persister;
  readonly stateMachine: StateMachine<Result>;
  readonly transport: Transport;
  readonly platform: Platform;
  readonly observer: RaftObserver;
}

export class RaftNode<Result> {
  /**
   * Restores the snapshot that the log names, and makes the core. The log beyond it is not replayed
   * here: it is applied as its entries become known to be committed.
   */
  static async start<Result>(_parts: RaftNodeParts<Result>): Promise<RaftNode<Result>> {
    throw new Error("under construction");
  }

  /** First entry of a new cluster; only on an empty log. Resolves when it is durable. */
  bootstrap(_configuration: Configuration): Promise<void> {
    throw new Error("under construction");
  }

  /** All proposals of a turn become one step and one write. */
  propose(_payload: Uint8Array): Promise<ProposalOutcome<Result>> {
    throw new Error("under construction");
  }

  /** Linearizable: all that was acknowledged before the call is applied when it is ready (§6.4). */
  read(): Promise<ReadOutcome> {
    throw new Error("under construction");
  }

  /** Hands leadership to that node, or to the best follower (§3.10). */
  transferLeadership(_to: { readonly nodeId: NodeId | undefined }): Promise<TransferOutcome> {
    throw new Error("under construction");
  }

  /** Our state differs from the majority's (DESIGN §5): stop leading, ask for their snapshot. */
  markDiverged(): void {
    throw new Error("under construction");
  }

  status(): RaftStatus {
    throw new Error("under construction");
  }

  /** Every waiter gets an outcome, writes under way finish, and then nothing happens any more. */
  stop(): Promise<void> {
    throw new Error("under construction");
  }
}
