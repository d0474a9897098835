// wiretap.ts — hears what leaves one node for another, at that moment: the ledger judges every message,
// and where one promises something, the sender's disk is looked at (V7, V8). And what clients ask and are answered.
import { decodePeerFrame } from "@rogerd/daemon";
import { decodeClientFrame, decodeDaemonFrame, subprotocols } from "@rogerd/protocol";
import { isNodeId, type Message, nodeId } from "@rogerd/raft";
import type { DiskChecks } from "./disk-checks.ts";
import type { Fleet } from "./fleet.ts";
import type { LeaseChecks } from "./lease-checks.ts";
import type { Ledger, LedgerView } from "./ledger.ts";
import type { Machine } from "./machine.ts";
import { clientPort, peerPort } from "./options.ts";
import type { Trace } from "./trace.ts";
import type { ToldAnswers } from "./told-answers.ts";
import type { TrafficChecks } from "./traffic-checks.ts";
import type { Tap } from "./virtual-network.ts";
import type { VirtualTime } from "./virtual-time.ts";

export interface WiretapParts {
  readonly fleet: Fleet;
  readonly ledger: Ledger;
  readonly disks: DiskChecks;
  readonly traffic: TrafficChecks;
  readonly leases: LeaseChecks;
  readonly answers: ToldAnswers;
}

const acksPerLook = 128;

export class Wiretap {
  readonly #parts: WiretapParts;
  #acks = 0;
  frames = 0;

  constructor(parts: WiretapParts) {
    this.#parts = parts;
  }

  readonly tap: Tap = ({ from, to, port, data }) => {
    if (port === clientPort) return this.#ofClient({ from, to, data });
    if (port !== peerPort || typeof data === "string") return;
    const { fleet } = this.#parts;
    const [fromId, toId] = [fleet.idOf(from), fleet.idOf(to)];
    if (!isNodeId(fromId) || !isNodeId(toId)) return;
    const sender = fleet.machineOf(fromId);
    if (sender === undefined) return;
    const route = { from: nodeId(fromId), to: nodeId(toId) };
    const decoded = decodePeerFrame(data, route);
    if (decoded.kind !== "messages") return;
    this.frames += 1;
    for (const message of decoded.messages) this.#left(sender, message);
  };

  #ofClient({ from, to, data }: Pick<Parameters<Tap>[0], "from" | "to" | "data">): void {
    const { answers, fleet, leases } = this.#parts;
    const subprotocol = typeof data === "string" ? subprotocols.json : subprotocols.msgpack;
    if (fleet.idOf(from) === undefined) {
      const decoded = decodeClientFrame(subprotocol, data);
      if (decoded.kind !== "frame") return;
      const ends = { client: from, node: to };
      for (const judge of [leases, answers]) judge.asks(ends, decoded.frame);
    } else {
      const decoded = decodeDaemonFrame(subprotocol, data);
      if (decoded.kind !== "frame") return;
      const ends = { client: to, node: from };
      for (const judge of [leases, answers]) judge.answers(ends, decoded.frame);
    }
  }

  #left(machine: Machine, message: Message): void {
    const { disks, ledger, traffic } = this.#parts;
    traffic.left(message);
    ledger.left(message);
    if (message.kind === "vote-granted") {
      disks.checkVote(machine, { term: message.term, candidate: message.to });
    }
    if (message.kind === "request-vote") {
      disks.checkVote(machine, { term: message.term, candidate: message.from });
    }
    if (message.kind !== "append-accepted") return;
    this.#acks += 1;
    if (this.#acks % acksPerLook === 0) disks.checkLog(machine);
  }
}

const ownCopiesPerLook = 24;

/** What the ledger asks about nodes; `disks` comes later, because it asks the ledger. */
export function ledgerView(parts: {
  readonly fleet: Fleet;
  readonly trace: Trace;
  readonly time: VirtualTime;
  readonly disks: () => DiskChecks;
}): LedgerView {
  const { disks, fleet, time, trace } = parts;
  let ownCopies = 0;
  return {
    nameOf: (id) => fleet.nameOf(id),
    persistedIndexOf: (id) => fleet.machineOf(id)?.status?.raft?.persistedIndex ?? 0,
    lastIndexOf: (id) => fleet.machineOf(id)?.status?.raft?.lastIndex ?? 0,
    countedItself: (id, entry) => {
      const machine = fleet.machineOf(id);
      ownCopies += 1;
      if (machine !== undefined && ownCopies % ownCopiesPerLook === 0) {
        disks().checkOwnCopy(machine, entry);
      }
    },
    leads: (id, term) => {
      const machine = fleet.machineOf(id);
      if (machine?.nodeId === id) disks().checkVote(machine, { term, candidate: id });
    },
    say: (who, text) => trace.say(who, text),
    now: () => time.now,
  };
}
