// fake-node.ts — a node of one, honouring RaftNode's contract towards requests: what it is given it
// applies to a real GlobalState when the test lets it, or ends in the outcome that the test names.
import { createHash } from "node:crypto";
import { GlobalState, logTimeMs, type Outcome, revision } from "@rogerd/global-state";
import {
  logIndex,
  type MembershipChange,
  type MembershipOutcome,
  nodeId,
  type RaftStatus,
  type ReadOutcome,
  type RoleChange,
  type SnapshotContent,
  type TransferOutcome,
  term,
} from "@rogerd/raft";
import type {
  EntryOutcome,
  MembershipChanger,
  Proposer,
  StateHashes,
  Transferrer,
} from "../../src/request/surroundings.ts";
import { decodeEntry, type EntryContent } from "../../src/state/command-codec.ts";
import type { Stamp } from "../../src/state/log-clock.ts";
import type { StateListener } from "../../src/state/replicated-state.ts";

interface Pending<Value> {
  readonly resolve: (value: Value) => void;
}

const ids = { n1: nodeId("1".repeat(32)), n2: nodeId("2".repeat(32)) };

export const anInvitation = { secret: "s".repeat(64), id: nodeId("e".repeat(32)) };

export class FakeNode implements Proposer, Transferrer, MembershipChanger {
  readonly current = new GlobalState({
    digest: (bytes) => createHash("sha256").update(bytes).digest(),
  });
  notServing: string | undefined;
  /** False: proposals and reads wait for `decide…`. */
  decidesAtOnce = true;
  isDiskNearlyFull = false;
  /** False: a leader that has not yet applied its first entry. */
  hasStamp = true;
  role: "leader" | "follower" | "candidate" = "leader";
  term = 1;
  leader: "n1" | "n2" | undefined = "n1";
  statusCalls = 0;
  /** Every entry proposed, in order, also those that were not applied. */
  readonly entries: EntryContent[] = [];
  readonly waiting: (Pending<EntryOutcome> & { readonly entry: EntryContent })[] = [];
  readonly readsWaiting: Pending<ReadOutcome>[] = [];
  reads = 0;
  /** Whom it was asked to hand over to; what comes of it is `transferOutcome`. */
  readonly transfers: (string | undefined)[] = [];
  transferOutcome: TransferOutcome = { kind: "done" };
  /** What it was asked to change; what comes of it is `membershipOutcome`. */
  readonly changes: { readonly change: MembershipChange; readonly guard: string }[] = [];
  membershipOutcome: MembershipOutcome = { kind: "changed", index: logIndex(7) };
  readonly #listeners: StateListener[] = [];
  #index = 1;

  listen(listener: StateListener): void {
    this.#listeners.push(listener);
  }

  /** As if a snapshot of another node had come. */
  restored(): void {
    for (const listener of this.#listeners) listener.restored?.();
  }

  propose(payload: Uint8Array): Promise<EntryOutcome> {
    const entry = decodeEntry(payload);
    this.entries.push(entry);
    return new Promise((resolve) => {
      this.waiting.push({ resolve, entry });
      if (this.decidesAtOnce) this.applyAll();
    });
  }

  read(): Promise<ReadOutcome> {
    this.reads += 1;
    return new Promise((resolve) => {
      this.readsWaiting.push({ resolve });
      if (this.decidesAtOnce) this.confirmReads();
    });
  }

  /** At once: as if nothing else needed an epoch. */
  takeSnapshot(): Promise<SnapshotContent | undefined> {
    const epoch = this.current.beginEpoch();
    if (epoch === undefined) return Promise.resolve(undefined);
    while (epoch.encodeSlice(1_000) === "more");
    const chunks = async function* (): AsyncGenerator<Uint8Array> {
      yield* epoch.chunks();
    };
    const release = () => epoch.close();
    return Promise.resolve({ hash: epoch.root(), chunks: chunks(), release });
  }

  transferLeadership(to: { readonly nodeId: string | undefined }): Promise<TransferOutcome> {
    this.transfers.push(to.nodeId);
    if (this.transferOutcome.kind === "done") this.follow("n2");
    return Promise.resolve(this.transferOutcome);
  }

  changeMembership(asked: {
    readonly change: MembershipChange;
    readonly guard: "kept" | "waived";
  }): Promise<MembershipOutcome> {
    this.changes.push(asked);
    return Promise.resolve(this.membershipOutcome);
  }

  stamp(): Stamp | undefined {
    return this.hasStamp
      ? { logTime: logTimeMs(this.#index), wallMs: 1_700_000_000_000 }
      : undefined;
  }

  applyAll(): void {
    for (const { resolve, entry } of this.waiting.splice(0)) {
      const result = this.#apply(entry);
      resolve({ kind: "applied", index: logIndex(this.#index), term: term(this.term), result });
    }
    for (const listener of this.#listeners) listener.appliedAll?.();
  }

  confirmReads(): void {
    this.endReads({ kind: "ready", appliedIndex: logIndex(this.#index) });
  }

  endAll(outcome: EntryOutcome): void {
    for (const { resolve } of this.waiting.splice(0)) resolve(outcome);
  }

  endReads(outcome: ReadOutcome): void {
    for (const { resolve } of this.readsWaiting.splice(0)) resolve(outcome);
  }

  follow(leader: "n1" | "n2" | undefined): void {
    this.role = "follower";
    this.leader = leader;
    this.term += 1;
  }

  lead(): void {
    this.role = "leader";
    this.leader = "n1";
    this.term += 1;
  }

  roleChange(): RoleChange {
    const { role, leaderId } = this.status();
    return { role, term: term(this.term), leaderId, cause: "the test" };
  }

  status(): RaftStatus {
    this.statusCalls += 1;
    const member = (name: "n1" | "n2", port: number) => ({
      id: ids[name],
      name,
      clientUrl: `ws://127.0.0.1:${7400 + port}`,
      peerUrl: `ws://127.0.0.1:${7500 + port}`,
    });
    return {
      nodeId: ids.n1,
      role: this.role,
      term: term(this.term),
      leaderId: this.leader === undefined ? undefined : ids[this.leader],
      lastIndex: logIndex(this.#index),
      persistedIndex: logIndex(this.#index),
      commitIndex: logIndex(this.#index),
      appliedIndex: logIndex(this.#index),
      snapshotIndex: logIndex(0),
      configuration: {
        voters: [ids.n1],
        votersOutgoing: [],
        learners: [ids.n2],
        members: [member("n1", 1), member("n2", 2)],
        removed: [],
      },
      hasAppliedOwnTerm: this.hasStamp,
      isDiskStalled: false,
      isDiskNearlyFull: this.isDiskNearlyFull,
      followers: [],
    };
  }

  #apply(entry: EntryContent): readonly Outcome[] {
    this.#index += 1;
    const at = { revision: revision(this.#index), term: this.term };
    const applied = { ...entry, ...at };
    const outcomes = this.current.apply(applied);
    for (const listener of this.#listeners) listener.answered?.(applied, outcomes);
    const told = { index: logIndex(this.#index), term: term(this.term) };
    for (const listener of this.#listeners) listener.appliedOne?.(told);
    return outcomes;
  }
}

export const noHashes: StateHashes = {
  last: () => undefined,
  take: () => Promise.resolve({ index: 7, hash: "abc" }),
};
