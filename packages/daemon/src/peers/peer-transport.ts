// peer-transport.ts — Raft's Transport over WebSockets: one connection per ordered pair of nodes, one
// frame per turn and peer. It may lose, never alters, and never lets an older run of a peer speak
// once a newer one was heard (J4). It never closes a connection because the peer is slow.
import type { FeatureLevel } from "@rogerd/global-state";
import {
  assert,
  type Configuration,
  type Message,
  type NodeId,
  type Transport,
  type TransportReceiver,
} from "@rogerd/raft";
import type { Log } from "../observe/log.ts";
import type { Platform } from "../platform.ts";
import { type Knowledge, objectionTo, removedForGood, type Verdict, welcome } from "./handshake.ts";
import { byPeer, frameRuns, isSmall } from "./outgoing-frames.ts";
import type { ArrivalListener, PeerReception, WelcomePeer } from "./peer-arrival.ts";
import { encodePeerFrame, type HashReport, type PeerFrame } from "./peer-codec.ts";
import { PeerDirectory } from "./peer-directory.ts";
import type { PeerHello, PeerRefusal } from "./peer-hello.ts";
import type { PeerLimits } from "./peer-limits.ts";
import { PeerLink } from "./peer-link.ts";
import { Presence, type Run } from "./presence.ts";
import { RefusalLog } from "./refusal-log.ts";

export interface PeerTransportParts {
  readonly platform: Pick<
    Platform,
    "setTimer" | "drawSeed" | "network" | "monotonicNow" | "isSameSecret"
  >;
  readonly log: Log;
  readonly limits: PeerLimits;
  readonly self: { readonly nodeId: NodeId; readonly clusterId: string };
  readonly secret: string | undefined;
  readonly electionTimeoutMs: number;
  readonly ownHello: () => PeerHello;
  /** A node without a cluster came by: forming may have something to say to its operator. */
  readonly metUnbound: (hello: PeerHello) => void;
  /** The cluster says that this node was removed: for good. Told at most once. */
  readonly removed: () => void;
  readonly hashes: HashGossip;
}

/** The state hashes that travel beside the messages (DESIGN §5). */
export interface HashGossip {
  received(reports: { readonly from: NodeId; readonly reports: readonly HashReport[] }): void;
  /** What a peer that has just been connected should hear. */
  recent(): readonly HashReport[];
}

export class PeerTransport implements Transport, PeerReception {
  readonly #parts: PeerTransportParts;
  readonly #directory: PeerDirectory;
  readonly #presence: Presence;
  readonly #refusals: RefusalLog;
  readonly #links = new Map<NodeId, PeerLink>();
  readonly #arrivals = new Map<NodeId, WelcomePeer>();
  #receiver: TransportReceiver | undefined;
  #stage: "silent" | "speaking" | "stopped" = "silent";
  /** Tombstones, of a configuration that is committed. */
  #removed: ReadonlySet<NodeId> = new Set();

  constructor(parts: PeerTransportParts) {
    this.#parts = parts;
    this.#directory = new PeerDirectory({ self: parts.self.nodeId });
    this.#presence = new Presence({ electionTimeoutMs: parts.electionTimeoutMs });
    this.#refusals = new RefusalLog(parts.log);
  }

  /** From now on peers are dialed and told who we are. Not before our directory is bound. */
  begin(): void {
    assert(this.#stage === "silent", "a transport begins once");
    this.#stage = "speaking";
    this.#holdLinks();
  }

  attach(receiver: TransportReceiver): void {
    this.#receiver = receiver;
  }

  configure(configuration: Configuration): void {
    this.#directory.configure(configuration);
    this.#holdLinks();
  }

  /** For good: they are told, and let in no more. */
  bury(removed: readonly NodeId[]): void {
    this.#removed = new Set(removed);
    for (const nodeId of removed) this.#arrivals.get(nodeId)?.refuse(removedForGood);
  }

  send(messages: readonly Message[]): void {
    for (const [peer, ofPeer] of byPeer(messages)) {
      const link = this.#links.get(peer);
      if (link?.isOpen === true) this.#sendOn(link, ofPeer);
    }
  }

  /** Up to which a peer and this node know the rules; undefined: it is not connected with us. */
  levelOf(peer: NodeId): FeatureLevel | undefined {
    return this.#arrivals.get(peer)?.level;
  }

  hasRoom(peer: NodeId): boolean {
    const link = this.#links.get(peer);
    return link?.isOpen === true && link.bufferedAmount < this.#parts.limits.roomBytes;
  }

  /** To every connected peer. */
  sendHashes(reports: readonly HashReport[]): void {
    const frame = encodePeerFrame({ kind: "hashes", reports });
    for (const link of this.#links.values()) this.#sendSmall(link, frame);
  }

  stop(): void {
    this.#stage = "stopped";
    this.#receiver = undefined;
    for (const link of this.#links.values()) link.stop();
    for (const arrival of this.#arrivals.values()) arrival.terminate();
    this.#links.clear();
  }

  // PeerReception: connections that peers make to us.

  ownHello(): PeerHello {
    return this.#parts.ownHello();
  }

  judge(hello: PeerHello): Verdict {
    const objection = objectionTo(hello, this.#knowledge());
    if (objection !== undefined) return { kind: "refuse", refusal: objection };
    if (hello.clusterId !== undefined) return welcome;
    this.#parts.metUnbound(hello);
    const sentence = `this node belongs to cluster ${this.#parts.self.clusterId}, the caller to none`;
    return { kind: "introduce", refusal: { code: "founding", sentence } };
  }

  arrived(arrival: WelcomePeer): ArrivalListener {
    const { hello } = arrival;
    const run: Run = { nodeId: hello.nodeId, incarnation: hello.incarnation };
    const earlier = this.#arrivals.get(run.nodeId);
    this.#arrivals.set(run.nodeId, arrival);
    this.#directory.tell(hello);
    this.#opened(run, arrival);
    earlier?.terminate();
    this.#refusals.welcomed(hello.name);
    this.#holdLinks();
    this.#links.get(run.nodeId)?.dialNow(run.incarnation);
    return {
      frame: (frame) => this.#received(run, frame),
      closed: () => {
        if (this.#arrivals.get(run.nodeId) === arrival) {
          this.#arrivals.delete(run.nodeId);
          this.#directory.forget(run.nodeId);
          this.#holdLinks();
        }
        this.#closed(run, arrival);
      },
    };
  }

  refused(refused: { readonly peer: string; readonly refusal: PeerRefusal }): void {
    const isFrame = refused.refusal.code === "malformed";
    this.#refusals.refused({
      ...refused,
      message: isFrame ? "peer frame refused" : "peer refused",
    });
  }

  #received(run: Run, frame: PeerFrame): void {
    if (!this.#presence.isNewest(run)) return;
    if (frame.kind === "messages") {
      for (const message of frame.messages) {
        this.#receiver?.received({ message, incarnation: run.incarnation });
      }
    }
    if (frame.kind === "hashes") {
      this.#parts.hashes.received({ from: run.nodeId, reports: frame.reports });
    }
  }

  #sendOn(link: PeerLink, messages: readonly Message[]): void {
    const { limits } = this.#parts;
    const waiting = link.bufferedAmount;
    if (waiting >= 2 * limits.waitingBytesMax) return;
    const sendable = waiting < limits.waitingBytesMax ? messages : messages.filter(isSmall);
    for (const run of frameRuns(sendable, { bytesAim: limits.frameBytesAim })) {
      link.send(encodePeerFrame({ kind: "messages", messages: run }));
    }
  }

  #sendSmall(link: PeerLink, frame: Uint8Array): void {
    if (link.bufferedAmount < this.#parts.limits.waitingBytesMax) link.send(frame);
  }

  /** One link to each whom we should be connected with, none to others. */
  #holdLinks(): void {
    if (this.#stage !== "speaking") return;
    const wanted = this.#directory.peers();
    for (const [peer, link] of this.#links) {
      if (wanted.has(peer)) continue;
      this.#links.delete(peer);
      link.stop();
    }
    for (const peer of wanted) {
      if (!this.#links.has(peer)) this.#links.set(peer, this.#makeLink(peer));
    }
  }

  #makeLink(peer: NodeId): PeerLink {
    let run: Run | undefined;
    const connection = {};
    const link: PeerLink = new PeerLink({
      platform: this.#parts.platform,
      limits: this.#parts.limits,
      addresses: () => this.#directory.addressesOf(peer),
      ownHello: this.#parts.ownHello,
      judge: (hello) => this.#judgeAnswer(peer, hello),
      listener: {
        opened: (hello) => {
          run = { nodeId: hello.nodeId, incarnation: hello.incarnation };
          this.#opened(run, connection);
          this.#refusals.welcomed(this.#directory.nameOf(peer));
          const reports = this.#parts.hashes.recent();
          if (reports.length > 0) link.send(encodePeerFrame({ kind: "hashes", reports }));
        },
        closed: () => {
          if (run !== undefined) this.#closed(run, connection);
        },
        refused: ({ url, refusal, by }) => {
          if (by === "them" && refusal.code === "removed") return this.#leaveForGood();
          const message = by === "us" ? "peer refused" : "refused by peer";
          this.#refusals.refused({
            peer: `${this.#directory.nameOf(peer)} ${url}`,
            message,
            refusal,
          });
        },
      },
    });
    return link;
  }

  #leaveForGood(): void {
    if (this.#stage === "stopped") return;
    this.stop();
    this.#parts.removed();
  }

  #judgeAnswer(peer: NodeId, hello: PeerHello): Verdict {
    const objection = objectionTo(hello, this.#knowledge()) ?? otherNode(peer, hello);
    if (objection !== undefined) return { kind: "refuse", refusal: objection };
    if (hello.clusterId !== undefined) return welcome;
    this.#parts.metUnbound(hello);
    const sentence = "it belongs to no cluster yet";
    return { kind: "refuse", refusal: { code: "not-ready", sentence } };
  }

  #knowledge(): Knowledge {
    return {
      ...this.#parts.self,
      secret: this.#parts.secret,
      isSameSecret: this.#parts.platform.isSameSecret,
      newestIncarnation: (nodeId) => this.#presence.newestIncarnation(nodeId),
      isRemoved: (nodeId) => this.#removed.has(nodeId),
    };
  }

  #opened(run: Run, connection: object): void {
    this.#presence.opened(run, connection, this.#parts.platform.monotonicNow());
    const fields = { peer: this.#directory.nameOf(run.nodeId), incarnation: run.incarnation };
    this.#parts.log.info(fields, "peer connected");
  }

  #closed(run: Run, connection: object): void {
    const isGone = this.#presence.closed(run, connection, this.#parts.platform.monotonicNow());
    const fields = { peer: this.#directory.nameOf(run.nodeId), incarnation: run.incarnation };
    this.#parts.log.info(fields, "peer disconnected");
    if (isGone) this.#receiver?.disconnected(run);
  }
}

function otherNode(expected: NodeId, hello: PeerHello): PeerRefusal | undefined {
  if (hello.nodeId === expected) return undefined;
  return {
    code: "same-node",
    sentence: `another node (${hello.nodeId}) answers at this address: if its data directory was emptied, run rogerctl member remove and rogerctl member add`,
  };
}
