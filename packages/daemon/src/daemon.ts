// daemon.ts — one daemon from start to stop: the only file that knows all parts. Start: folder and
// ports (ground.ts) → cluster (forming/) → log, state, peers, Raft (node-stack.ts) → listener.
// Stop: the other way round, after leadership is handed over and what is in flight is answered.
// Whatever fails ends it through `onFailed`, once; nothing is tried again here.
import { assert, type Member, type RaftNodeSettings, type RaftStatus } from "@rogerd/raft";
import { type Failure, failureOf, RemovedNodeError } from "./failure.ts";
import { BoundFounder } from "./forming/bound-founder.ts";
import { formCluster, type Membership } from "./forming/form-cluster.ts";
import { removeFoundingNote } from "./forming/founding-file.ts";
import { type Ground, takeGround } from "./ground.ts";
import { defaultBounds } from "./listener/bounds.ts";
import { type Listener, startListener } from "./listener/listener.ts";
import { invitedId, makeInvitation } from "./membership/invitation.ts";
import { JoinDesk } from "./membership/join-desk.ts";
import { JoinedAlready } from "./membership/joined-already.ts";
import { type NodeStack, startNodeStack } from "./node-stack.ts";
import type { Log } from "./observe/log.ts";
import { logRaftEvents } from "./observe/log-raft-events.ts";
import { RaftEvents } from "./observe/raft-events.ts";
import { type PeerHello, peerProtocolVersion } from "./peers/peer-hello.ts";
import { peerLimits } from "./peers/peer-limits.ts";
import type { Platform } from "./platform.ts";
import { openAddresses } from "./settings/judge-settings.ts";
import { addressText } from "./settings/parse-setting.ts";
import type { Endpoint, Settings } from "./settings/settings.ts";
import { daemonVersion } from "./version.ts";

export type { Failure } from "./failure.ts";

/** The rejection of `startDaemon`; `onFailed` was told the same. */
export class DaemonFailedError extends Error {
  override readonly name = "DaemonFailedError";
  readonly failure: Failure;

  constructor(failure: Failure, cause: unknown) {
    super(failure.sentence, { cause });
    this.failure = failure;
  }
}

export interface DaemonParts {
  readonly settings: Settings;
  readonly platform: Platform;
  readonly log: Log;
  /** Told at most once, before or after the start; the daemon does nothing more, the process must end. */
  readonly onFailed: (failure: Failure) => void;
  /** What no operator sets: smaller windows and more checks, for simulations. Default: none. */
  readonly raft?: Partial<RaftNodeSettings>;
}

export interface DaemonStatus {
  readonly phase: Phase;
  readonly name: string;
  readonly nodeId: string;
  /** Undefined until the directory belongs to a cluster. */
  readonly clusterId: string | undefined;
  /** Undefined until the log is open. */
  readonly raft: RaftStatus | undefined;
}

export type Phase = "forming" | "starting" | "serving" | "stopping" | "stopped" | "failed";

export interface Daemon {
  /** Resolves when the cluster is formed and the client port serves. Stays pending if the daemon
   *  is stopped or fails before. */
  readonly serving: Promise<void>;
  /** As bound. */
  endpoints(): { readonly client: Endpoint; readonly peer: Endpoint };
  status(): DaemonStatus;
  /** In order: hands leadership over, finishes what is in flight, closes. Also while forming.
   *  Never rejects: what goes wrong on the way is told to `onFailed`. */
  stop(): Promise<void>;
}

/** Resolves once the folder is ours and both ports are open; forming goes on (see `serving`).
 *  Rejects with DaemonFailedError, after `onFailed` was told. */
export async function startDaemon(parts: DaemonParts): Promise<Daemon> {
  const { settings, log, onFailed } = parts;
  log.info({ node: settings.name, version: daemonVersion }, "daemon starting");
  const open = openAddresses(settings);
  if (open.length > 0) {
    log.warn({ node: settings.name, open }, "anybody may connect: no credentials are set");
  }
  try {
    return new RunningDaemon(parts, await takeGround(parts));
  } catch (error) {
    const failure = failureOf(error, settings);
    log.fatal({ ...failure }, "daemon failed");
    onFailed(failure);
    throw new DaemonFailedError(failure, error);
  }
}

class RunningDaemon implements Daemon {
  readonly #parts: DaemonParts;
  readonly #ground: Ground;
  readonly #events = new RaftEvents();
  readonly serving: Promise<void>;
  #nowServing: () => void = () => undefined;
  readonly #running: Promise<void>;
  #phase: Phase = "forming";
  #meeting: { stop(): void } | undefined;
  #clusterId: string | undefined;
  #stack: NodeStack | undefined;
  #listener: Listener | undefined;
  #stopped: Promise<void> | undefined;

  constructor(parts: DaemonParts, ground: Ground) {
    this.#parts = parts;
    this.#ground = ground;
    this.serving = new Promise((resolve) => {
      this.#nowServing = resolve;
    });
    this.#events.subscribe({ failed: (error) => this.#fail(error) });
    logRaftEvents({ log: parts.log, node: parts.settings.name, events: this.#events });
    this.#running = this.#run().catch((error: unknown) => this.#fail(error));
  }

  endpoints(): { readonly client: Endpoint; readonly peer: Endpoint } {
    const { host, port } = this.#ground.peerPort.endpoint;
    return { client: this.#ground.clientPort.endpoint, peer: { host, port } };
  }

  status(): DaemonStatus {
    return {
      phase: this.#phase,
      name: this.#parts.settings.name,
      nodeId: this.#ground.record.nodeId,
      clusterId: this.#clusterId,
      raft: this.#stack?.node.status(),
    };
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop().catch((error: unknown) => this.#fail(error));
    return this.#stopped;
  }

  /** Each step looks whether it is still wanted; what was started until then is `#stop`'s to end. */
  async #run(): Promise<void> {
    const membership = await this.#form();
    if (membership === undefined || this.#isEnding) return;
    this.#phase = "starting";
    const stack = await this.#startStack(membership);
    if (this.#isEnding) return;
    if (membership.kind === "founding") await this.#found(stack, membership);
    if (this.#isEnding) return;
    this.#ground.peerPort.receive(stack.transport);
    stack.transport.begin();
    this.#ground.peerPort.receiveJoins(this.#joinDesk(stack));
    this.#listener = await this.#listen(stack);
    if (this.#isEnding) return;
    this.#phase = "serving";
    this.#parts.log.info({ ...this.#place, ...this.endpoints() }, "daemon ready");
    this.#nowServing();
  }

  async #form(): Promise<Membership | undefined> {
    const { settings, platform, log } = this.#parts;
    const { folder, record, peerPort } = this.#ground;
    return formCluster({
      platform,
      log,
      limits: peerLimits,
      port: peerPort,
      folder,
      record,
      self: this.#self,
      founders: settings.founders,
      join: joinOf(settings),
      secret: settings.peerSecret,
      ownHello: () => this.#hello(),
      meeting: (forming) => {
        this.#meeting = forming;
        // A stop that came while the directory was read found nothing to stop.
        if (this.#isEnding) forming.stop();
      },
    });
  }

  async #startStack(membership: Membership): Promise<NodeStack> {
    const { settings, platform, log } = this.#parts;
    const clusterId =
      membership.kind === "bound" ? membership.clusterId : membership.note.clusterId;
    const founder = new BoundFounder({
      log,
      name: settings.name,
      clusterId,
      dataDir: settings.dataDir,
      founders: settings.founders,
      hasEntries: () => (this.#stack?.node.status().lastIndex ?? 0) > 0,
    });
    this.#events.subscribe({ configurationChanged: (made) => founder.configured(made) });
    this.#tellJoinedAlready(clusterId);
    const stack = await startNodeStack({
      settings,
      raft: this.#parts.raft ?? {},
      platform,
      log,
      ground: this.#ground,
      record: membership.record,
      clusterId,
      events: this.#events,
      ownHello: () => this.#hello(),
      metUnbound: (hello) => founder.metUnbound(hello),
      removed: () => this.#fail(this.#removal(clusterId)),
    });
    this.#stack = stack;
    if (membership.kind === "bound") this.#clusterId = clusterId;
    return stack;
  }

  /** The directory belonged to a cluster before this start. */
  #tellJoinedAlready(clusterId: string): void {
    const { log, platform, settings } = this.#parts;
    const asked = joinOf(settings);
    if (asked === undefined || this.#ground.record.clusterId === null) return;
    const joined = new JoinedAlready({
      log,
      self: this.#self,
      clusterId,
      dataDir: settings.dataDir,
      join: addressText(asked.member),
      invitedId: invitedId(asked.joinSecret, platform),
    });
    this.#events.subscribe({ configurationChanged: (made) => joined.configured(made) });
  }

  #removal(clusterId: string): RemovedNodeError {
    const { dataDir, name } = this.#parts.settings;
    return new RemovedNodeError({ name, clusterId, dataDir, ...this.#ground.urls });
  }

  /** Entry 1, then the note goes; only then does our hello name the cluster. */
  async #found(
    stack: NodeStack,
    founding: Extract<Membership, { readonly kind: "founding" }>,
  ): Promise<void> {
    const { note } = founding;
    if (stack.node.status().lastIndex === 0) await stack.node.bootstrap(note.configuration);
    assert(stack.node.status().lastIndex >= 1, "entry 1 is there before the note goes");
    await removeFoundingNote(this.#ground.folder);
    this.#clusterId = note.clusterId;
    this.#parts.log.info(
      { ...this.#place, members: note.configuration.members.map((member) => member.name) },
      "cluster founded",
    );
  }

  #joinDesk({ node }: NodeStack): JoinDesk {
    const { log, platform, settings } = this.#parts;
    const clusterId = this.#clusterId;
    assert(clusterId !== undefined, "who lets others in knows the cluster");
    return new JoinDesk({ platform, log, node, clusterId, peerSecret: settings.peerSecret });
  }

  #listen(stack: NodeStack): Promise<Listener> {
    const { settings, platform, log } = this.#parts;
    const { nodeId, incarnation } = this.#ground.record;
    return startListener({
      platform: {
        monotonicNow: () => platform.monotonicNow(),
        setTimer: (delayMs, callback) => platform.setTimer(delayMs, callback),
        afterTurn: (callback) => platform.afterTurn(callback),
        isSameSecret: (pair) => platform.isSameSecret(pair),
        digest: (bytes) => platform.digest(bytes),
        network: this.#ground.clientPort.network(),
      },
      settings,
      log,
      node: stack.node,
      invite: () => makeInvitation(platform),
      events: this.#events,
      state: stack.state,
      clock: stack.clock,
      hashes: stack.hashing,
      self: { clusterId: () => this.#clusterId, name: settings.name, version: daemonVersion },
      run: `${nodeId}-${incarnation}`,
      bounds: defaultBounds,
    });
  }

  #hello(): PeerHello {
    const { settings } = this.#parts;
    const configuration = this.#stack?.node.status().configuration;
    return {
      protocol: peerProtocolVersion,
      clusterId: this.#clusterId,
      nodeId: this.#ground.record.nodeId,
      name: settings.name,
      incarnation: this.#ground.record.incarnation,
      ...this.#ground.urls,
      founders: this.#clusterId === undefined ? settings.founders : [],
      memberIds: configuration?.members.map((member) => member.id) ?? [],
      credential: settings.peerSecret ?? "",
    };
  }

  get #self(): Member {
    const { record, urls } = this.#ground;
    return { id: record.nodeId, name: this.#parts.settings.name, ...urls };
  }

  get #place(): { readonly node: string; readonly cluster: string | undefined } {
    return { node: this.#parts.settings.name, cluster: this.#clusterId };
  }

  get #isEnding(): boolean {
    return this.#phase === "stopping" || this.#phase === "stopped" || this.#phase === "failed";
  }

  async #stop(): Promise<void> {
    if (this.#phase === "failed") return;
    this.#phase = "stopping";
    this.#parts.log.info(this.#place, "daemon stopping");
    this.#meeting?.stop();
    await this.#running;
    this.#ground.peerPort.receiveJoins(undefined);
    const drained = this.#listener?.drain();
    await this.#handOver();
    await drained;
    await this.#close();
    if (this.#isFailed()) return;
    this.#phase = "stopped";
    this.#parts.log.info(this.#place, "daemon stopped");
  }

  /** While the others elect nobody in time, nothing is lost but that time (§3.10). */
  async #handOver(): Promise<void> {
    const node = this.#stack?.node;
    if (node?.status().role !== "leader") return;
    if (node.status().configuration.voters.length <= 1) return;
    const { kind } = await node.transferLeadership({ nodeId: undefined });
    const hasGone = node.status().role !== "leader";
    const message = hasGone ? "leadership handed over" : "leadership not handed over";
    this.#parts.log.info({ ...this.#place, outcome: kind }, message);
  }

  async #close(): Promise<void> {
    await this.#listener?.close();
    this.#ground.peerPort.receive(undefined);
    await this.#stack?.stop();
    await this.#ground.release();
  }

  #isFailed(): boolean {
    return this.#phase === "failed";
  }

  /** What happens after this is only that ports and files are let go, for those who run several
   *  daemons in one process; whoever runs one ends it now. */
  #fail(error: unknown): void {
    if (this.#isFailed() || this.#phase === "stopped") return;
    this.#phase = "failed";
    const failure = failureOf(error, this.#parts.settings);
    this.#parts.log.fatal({ ...this.#place, ...failure }, "daemon failed");
    this.#parts.onFailed(failure);
    this.#meeting?.stop();
    void this.#running.then(() => this.#close()).catch((also: unknown) => this.#sayAlso(also));
  }

  #sayAlso(error: unknown): void {
    this.#parts.log.fatal(
      { ...this.#place, ...failureOf(error, this.#parts.settings) },
      "daemon failed",
    );
  }
}

function joinOf({
  join,
  joinSecret,
}: Settings): { readonly member: Endpoint; readonly joinSecret: string } | undefined {
  return join === undefined || joinSecret === undefined ? undefined : { member: join, joinSecret };
}
