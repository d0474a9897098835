// duties.ts — the parts of the driver, made once and joined: each decides one thing, knows none of
// the others, and hears of the world only through what is given to it here.

import { ZERO_INDEX, ZERO_TERM } from "../core/ids.ts";
import type { Input } from "../core/input.ts";
import type { SnapshotMeta } from "../core/message.ts";
import type { Persister } from "../storage/persister.ts";
import type { LogStorage } from "../storage/storage.ts";
import { Applier } from "./applier.ts";
import { Bootstrap } from "./bootstrap.ts";
import { Compaction } from "./compaction.ts";
import { writeFailure } from "./failures.ts";
import { GroupCommit, type Synced } from "./group-commit.ts";
import type { NodeIdentity } from "./identity.ts";
import { MembershipChanges } from "./membership-changes.ts";
import type { RaftObserver } from "./observer.ts";
import type { Platform } from "./platform.ts";
import { Proposals } from "./proposals.ts";
import { Reads } from "./reads.ts";
import { restoreState } from "./restore-state.ts";
import { Restoring } from "./restoring.ts";
import { bounds, type RaftNodeSettings } from "./settings.ts";
import { SnapshotArrival } from "./snapshot-arrival.ts";
import { SnapshotSending } from "./snapshot-sending.ts";
import type { StateMachine } from "./state-machine.ts";
import { Transfers } from "./transfers.ts";
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

/** How completions get back into the loop: all of these only enqueue, except `failed`. */
export interface Completions {
  readonly happened: (input: Exclude<Input, { readonly kind: "message" }>) => void;
  readonly synced: (batch: Synced) => void;
  readonly restored: (snapshot: SnapshotMeta) => void;
  /** Ends the node at once. */
  readonly failed: (cause: unknown) => void;
}

export interface Duties<Result> {
  readonly proposals: Proposals<Result>;
  readonly reads: Reads;
  readonly transfers: Transfers;
  readonly membershipChanges: MembershipChanges;
  readonly bootstrap: Bootstrap;
  readonly groupCommit: GroupCommit;
  readonly applier: Applier<Result>;
  readonly compaction: Compaction;
  readonly sending: SnapshotSending;
  readonly arrival: SnapshotArrival;
  readonly restoring: Restoring;
}

export function makeDuties<Result>(
  parts: RaftNodeParts<Result>,
  completions: Completions,
): Duties<Result> {
  const { platform, settings, stateMachine, storage } = parts;
  const { snapshot } = storage.recovered;
  return {
    proposals: new Proposals({
      gatheredMax: bounds.proposalsPerTurnMax,
      gatheredBytesMax: settings.uncommittedBytesMax,
    }),
    reads: new Reads({ waitingMax: bounds.readsWaitingMax }),
    transfers: new Transfers(),
    membershipChanges: new MembershipChanges(),
    bootstrap: new Bootstrap(),
    groupCommit: new GroupCommit({
      storage,
      monotonicNow: () => platform.monotonicNow(),
      synced: completions.synced,
      failed: (cause) => completions.failed(writeFailure(cause)),
    }),
    applier: new Applier({
      stateMachine,
      limits: { sliceEntriesMax: bounds.sliceEntriesMax, sliceBytesMax: bounds.sliceBytesMax },
      applied: { index: snapshot?.index ?? ZERO_INDEX, term: snapshot?.term ?? ZERO_TERM },
    }),
    ...makeSnapshotDuties(parts, completions),
  };
}

function makeSnapshotDuties<Result>(
  parts: RaftNodeParts<Result>,
  completions: Completions,
): Pick<Duties<Result>, "compaction" | "sending" | "arrival" | "restoring"> {
  const { identity, observer, persister, platform, settings, stateMachine, storage } = parts;
  const note: RaftObserver["note"] = (fact) => observer.note(fact);
  const { failed, happened: answer } = completions;
  const { clusterId } = identity;
  const arrival = new SnapshotArrival({ persister, clusterId, answer, failed, note });
  const compaction = new Compaction({
    persister,
    storage,
    stateMachine,
    identity,
    limits: {
      snapshotEveryBytes: settings.snapshotEveryBytes,
      snapshotEveryEntries: settings.snapshotEveryEntries,
      trailingEntries: settings.trailingEntries,
      retryMinMs: bounds.snapshotRetryMinMs,
      retryMaxMs: bounds.snapshotRetryMaxMs,
    },
    isArriving: (name) => arrival.isArriving(name),
    monotonicNow: () => platform.monotonicNow(),
    draw: () => platform.drawSeed() / 2 ** 32,
    stored: (meta) => answer({ kind: "snapshot-taken", snapshot: meta }),
    failed,
    note,
  });
  const restoring = new Restoring({
    restore: async (meta) => {
      await compaction.interrupt();
      await restoreState({ persister, stateMachine, clusterId, snapshot: meta });
    },
    done: completions.restored,
    failed,
  });
  return {
    arrival,
    compaction,
    restoring,
    sending: new SnapshotSending({ persister, answer, failed, note }),
  };
}
