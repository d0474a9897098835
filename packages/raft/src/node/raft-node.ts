// raft-node.ts — one member of a cluster, as its owner sees it: propose, read, hand over, stop. Every
// call is answered with an outcome, whatever happens to the node (outcomes.ts). What happens when is
// decided in loop.ts, and the protocol in core/raft.ts.
import type { Configuration } from "../core/configuration.ts";
import type { NodeId } from "../core/ids.ts";
import type { MembershipChange } from "../core/input.ts";
import type { RaftNodeParts } from "./duties.ts";
import { Loop } from "./loop.ts";
import type {
  MembershipOutcome,
  ProposalOutcome,
  ReadOutcome,
  TransferOutcome,
} from "./outcomes.ts";
import { restoreState } from "./restore-state.ts";
import { checkNodeSettings } from "./settings.ts";
import { nodeStatus, type RaftStatus } from "./status.ts";

export class RaftNode<Result> {
  readonly #parts: RaftNodeParts<Result>;
  readonly #loop: Loop<Result>;
  #stopped: Promise<void> | undefined;

  private constructor(parts: RaftNodeParts<Result>) {
    this.#parts = parts;
    this.#loop = new Loop(parts);
  }

  /**
   * Restores the snapshot that the log names. The log beyond it is not replayed here: its entries are
   * applied as they become known to be committed. Rejects where the data can't be trusted (exit 65);
   * nothing starts empty.
   */
  static async start<Result>(parts: RaftNodeParts<Result>): Promise<RaftNode<Result>> {
    checkNodeSettings(parts.settings);
    const { identity, persister, stateMachine, storage, transport } = parts;
    const { snapshot } = storage.recovered;
    await persister.init(identity);
    const { clusterId } = identity;
    if (snapshot !== undefined) {
      await restoreState({ persister, stateMachine, clusterId, snapshot });
    }
    const node = new RaftNode(parts);
    await node.#loop.duties.compaction.begin(snapshot);
    transport.attach({
      received: ({ message, incarnation }) =>
        node.#loop.received({ kind: "message", message, incarnation }),
      disconnected: ({ nodeId, incarnation }) =>
        node.#loop.happened({ kind: "disconnected", peer: nodeId, incarnation }),
    });
    node.#loop.begin();
    return node;
  }

  /** First entry of a new cluster; only on an empty log. Resolves when it is durable. */
  bootstrap(configuration: Configuration): Promise<void> {
    if (this.#loop.hasEnded) return Promise.reject(new Error("the node has ended"));
    const { lastIndex, term } = this.#loop.raft.positions;
    if (lastIndex > 0 || term > 0) {
      return Promise.reject(new Error("a first configuration needs an empty log"));
    }
    this.#loop.schedule();
    return this.#loop.duties.bootstrap.add(configuration);
  }

  /** All proposals of a turn become one step and one write. */
  propose(payload: Uint8Array): Promise<ProposalOutcome<Result>> {
    if (this.#loop.hasEnded) return Promise.resolve({ kind: "not-leader", leaderId: undefined });
    const { leaderId, role, term } = this.#loop.raft.positions;
    if (role !== "leader") return Promise.resolve({ kind: "not-leader", leaderId });
    this.#loop.schedule();
    return this.#loop.duties.proposals.add({ payload, term });
  }

  /** Linearizable: all that was acknowledged before the call is applied when it is ready (§6.4). */
  read(): Promise<ReadOutcome> {
    if (this.#loop.hasEnded) return Promise.resolve({ kind: "unavailable" });
    this.#loop.schedule();
    return this.#loop.duties.reads.add();
  }

  /** Hands leadership to that node, or to the best follower (§3.10). */
  transferLeadership(to: { readonly nodeId: NodeId | undefined }): Promise<TransferOutcome> {
    if (this.#loop.hasEnded) return Promise.resolve({ kind: "stopped" });
    const ticket = this.#loop.nextTicket();
    this.#loop.happened({ kind: "transfer", ticket, to: to.nodeId });
    return this.#loop.duties.transfers.add(ticket);
  }

  /** Who is in the cluster (§4): one change at a time, on the leader. Resolves when it is through. */
  changeMembership(asked: {
    readonly change: MembershipChange;
    readonly guard: "kept" | "waived";
  }): Promise<MembershipOutcome> {
    if (this.#loop.hasEnded) return Promise.resolve({ kind: "not-leader", leaderId: undefined });
    const ticket = this.#loop.nextTicket();
    const { change, guard } = asked;
    this.#loop.happened({ kind: "change-membership", ticket, change, guard });
    return this.#loop.duties.membershipChanges.add(ticket);
  }

  /** Our state differs from the majority's (DESIGN §5): stop leading, ask for their snapshot. */
  markDiverged(): void {
    this.#loop.happened({ kind: "diverged", diverged: true });
  }

  status(): RaftStatus {
    return nodeStatus({
      nodeId: this.#parts.identity.nodeId,
      core: this.#loop.raft.status(),
      appliedIndex: this.#loop.duties.applier.applied.index,
      isDiskNearlyFull: this.#loop.isDiskNearlyFull,
      now: this.#parts.platform.monotonicNow(),
    });
  }

  /**
   * Every waiter gets an outcome, what is being written to disk finishes, and then nothing of this
   * node happens any more. It hands nothing over: `transferLeadership` comes first, if at all.
   */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#loop.end();
    const { arrival, compaction, groupCommit, restoring, sending } = this.#loop.duties;
    const endings = [arrival, compaction, groupCommit, restoring, sending].map((duty) =>
      duty.end(),
    );
    await Promise.all(endings);
    await this.#loop.lastWord;
  }
}
