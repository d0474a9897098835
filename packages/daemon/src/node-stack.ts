// node-stack.ts — the parts of a node that belongs to a cluster, in the order in which they come and
// go: log, snapshots, state, peers, Raft, clock, state hash. It decides nothing but that order.
import type { Outcome } from "@rogerd/global-state";
import {
  assert,
  defaultRaftNodeSettings,
  groupFolders,
  type LogStorage,
  type NodeRecord,
  notedLog,
  openLogStorage,
  RaftNode,
  type RaftNodeSettings,
} from "@rogerd/raft";
import type { Ground } from "./ground.ts";
import { loadPersister } from "./load-persister.ts";
import type { Log } from "./observe/log.ts";
import type { RaftEvents } from "./observe/raft-events.ts";
import type { PeerHello } from "./peers/peer-hello.ts";
import { peerLimits } from "./peers/peer-limits.ts";
import { PeerTransport } from "./peers/peer-transport.ts";
import type { Platform } from "./platform.ts";
import type { Settings } from "./settings/settings.ts";
import { DivergenceNote, readDivergence } from "./state/divergence-note.ts";
import { LevelRaiser } from "./state/level-raiser.ts";
import { LogClock } from "./state/log-clock.ts";
import { ReplicatedState } from "./state/replicated-state.ts";
import { StateHashing } from "./state/state-hash.ts";

/** There is one group today (DESIGN §9). */
const group = 0;

export interface NodeStackParts {
  readonly settings: Settings;
  /** Beside what the settings say. */
  readonly raft: Partial<RaftNodeSettings>;
  readonly platform: Platform;
  readonly log: Log;
  readonly ground: Ground;
  readonly record: NodeRecord;
  readonly clusterId: string;
  readonly events: RaftEvents;
  readonly ownHello: () => PeerHello;
  readonly metUnbound: (hello: PeerHello) => void;
  /** The cluster has removed this node, for good. */
  readonly removed: () => void;
}

export interface NodeStack {
  readonly node: RaftNode<readonly Outcome[]>;
  readonly state: ReplicatedState;
  readonly clock: LogClock;
  readonly hashing: StateHashing;
  readonly transport: PeerTransport;
  /** Every waiter gets an outcome; then peers, then the log. */
  stop(): Promise<void>;
}

/** Rejects with DamagedDataError, SnapshotMissingError, DiskError, SettingsError. */
export async function startNodeStack(parts: NodeStackParts): Promise<NodeStack> {
  const { settings, platform, ground, events } = parts;
  const identity = { clusterId: parts.clusterId, nodeId: parts.record.nodeId, group };
  const folders = groupFolders({ directory: settings.dataDir, group });
  const { incarnation, hasLog } = parts.record;
  const opened = await openLogStorage({
    disk: platform.disk,
    directory: folders.wal,
    identity,
    incarnation,
    limits: { segmentBytes: settings.walSegmentBytes, reserveBytes: settings.diskReserveBytes },
    expect: hasLog ? "existing" : "any",
  });
  const storage = notedLog({ ...ground.folder, record: parts.record, storage: opened });
  try {
    const persister = await loadPersister({
      platform,
      module: settings.persister,
      directory: folders.snapshots,
    });
    const place = { disk: platform.disk, directory: folders.group, clusterId: parts.clusterId };
    const note = new DivergenceNote({ ...place, failed: (cause) => events.failed(cause) });
    const found = await readDivergence(place);
    const joined = join(parts, note);
    const node = await RaftNode.start({
      identity: { ...identity, incarnation },
      settings: { ...raftSettings(settings), ...parts.raft },
      storage,
      persister,
      stateMachine: joined.state,
      transport: joined.transport,
      platform,
      observer: events,
    });
    joined.started(node);
    joined.hashing.begin(found);
    return { ...joined, node, stop: () => stopAll({ node, joined, storage, note }) };
  } catch (error) {
    await storage.close();
    throw error;
  }
}

interface Joined extends Pick<NodeStack, "state" | "clock" | "hashing" | "transport"> {
  readonly raiser: LevelRaiser;
  /** From now on they may ask the node, which they need no sooner. */
  started(node: StartedNode): void;
}

type StartedNode = RaftNode<readonly Outcome[]>;

/** They hear of the very first entry and role, so they are made before the node starts. */
function join(parts: NodeStackParts, note: DivergenceNote): Joined {
  const { settings, platform, log, record, events } = parts;
  let startedNode: StartedNode | undefined;
  const node = (): StartedNode => {
    assert(startedNode !== undefined, "nobody asks the node before it has started");
    return startedNode;
  };
  const state = new ReplicatedState({ platform });
  const clock = new LogClock({
    platform,
    state,
    events,
    node: { propose: (payload) => node().propose(payload), status: () => node().status() },
  });
  const hashing = new StateHashing({
    platform,
    log,
    self: record.nodeId,
    everyEntries: settings.stateHashEveryEntries,
    state,
    node: { status: () => node().status(), markDiverged: () => node().markDiverged() },
    note,
    send: (reports) => transport.sendHashes(reports),
  });
  const transport = new PeerTransport({
    platform,
    log,
    limits: peerLimits,
    self: { nodeId: record.nodeId, clusterId: parts.clusterId },
    secret: settings.peerSecret,
    electionTimeoutMs: settings.raft.electionTimeoutMs,
    ownHello: parts.ownHello,
    metUnbound: parts.metUnbound,
    removed: parts.removed,
    hashes: hashing,
  });
  events.subscribe({ configurationCommitted: ({ removed }) => transport.bury(removed) });
  const raiser = new LevelRaiser({
    platform,
    log,
    self: record.nodeId,
    state,
    clock,
    events,
    node: { propose: (payload) => node().propose(payload), status: () => node().status() },
    levelOf: (peer) => transport.levelOf(peer),
  });
  const started = (made: StartedNode): void => {
    startedNode = made;
  };
  return { state, clock, hashing, raiser, transport, started };
}

async function stopAll(parts: {
  readonly node: StartedNode;
  readonly joined: Joined;
  readonly storage: LogStorage;
  readonly note: DivergenceNote;
}): Promise<void> {
  const { joined, node, note, storage } = parts;
  joined.clock.stop();
  joined.raiser.stop();
  joined.hashing.stop();
  await node.stop();
  joined.transport.stop();
  await note.written();
  await storage.close();
}

/** The longest election timeout is twice the shortest, so that candidates seldom meet (§3.4). */
function raftSettings({ raft }: Settings): RaftNodeSettings {
  const electionTimeoutMaxMs = 2 * raft.electionTimeoutMs;
  return {
    ...defaultRaftNodeSettings,
    heartbeatMs: raft.heartbeatMs,
    electionTimeoutMinMs: raft.electionTimeoutMs,
    electionTimeoutMaxMs,
    transferTimeoutMs: electionTimeoutMaxMs,
    diskStallTimeoutMs: raft.diskStallTimeoutMs,
    snapshotEveryBytes: raft.snapshotEveryBytes,
    snapshotEveryEntries: raft.snapshotEveryEntries,
    trailingEntries: raft.trailingEntries,
  };
}
