// route-request.ts — the fork: each request is a write, a read, or a no. What arrives within one turn
// of the loop, on whatever connections, is gathered and goes on together at the end of the turn
// (LIMITS, lessons 1 and 4): writes to write.ts, reads to read.ts. It decides nothing about state.

import {
  featureLevelOf,
  parseCommand,
  type Read,
  type Submission,
  type Write,
} from "@rogerd/global-state";
import {
  type ErrorObject,
  errorObject,
  type LeaderHint,
  type NodeHint,
  type Request,
} from "@rogerd/protocol";
import type { Bounds } from "../listener/bounds.ts";
import type { Keepers } from "../session/keepers.ts";
import type { Leases } from "../session/leases.ts";
import type { Watches } from "../watch/watches.ts";
import type { Admission } from "./admission.ts";
import { Batch } from "./batch.ts";
import type { Caller } from "./caller.ts";
import { Keepalives, keepaliveCommand } from "./keepalives.ts";
import { ListViews } from "./list-views.ts";
import { originOf } from "./origin.ts";
import { Reads } from "./read.ts";
import { elsewhereError, leaderHint, memberHints } from "./redirect.ts";
import type { CurrentState, EntryMaker, OuterPlatform, Proposer } from "./surroundings.ts";
import { unreachable } from "./unreachable.ts";
import type { UsedRequestIds } from "./used-request-ids.ts";
import { Writes } from "./write.ts";

export interface RouterParts {
  readonly platform: Pick<OuterPlatform, "afterTurn" | "monotonicNow" | "setTimer">;
  readonly node: Proposer;
  readonly state: CurrentState;
  readonly entries: EntryMaker;
  readonly leases: Pick<Leases, "asks" | "confirm" | "leaseLeftMs">;
  readonly keepers: Pick<Keepers, "isKeeper" | "shows" | "keeps">;
  readonly watches: Pick<Watches, "take" | "end">;
  readonly admission: Admission;
  readonly used: Pick<UsedRequestIds, "isForAnother">;
  /** Names this node and this run of it. */
  readonly run: string;
  readonly bounds: Bounds;
}

/** What came in one frame. */
export interface Arrival {
  readonly caller: Caller;
  readonly requests: readonly Request[];
  readonly floor: number | undefined;
  /** What one of them occupies: the frame's bytes, shared out evenly. */
  readonly bytesEach: number;
}

export class RequestRouter {
  readonly #parts: RouterParts;
  readonly #writing: Writes;
  readonly #views: ListViews;
  readonly #reading: Reads;
  readonly #keepalives: Keepalives;
  #writes: Batch<Submission>;
  #reads: Batch<Read>;
  #staleReads: Batch<Read>;
  #isTurnOpen = false;
  #closing: ErrorObject | undefined;

  constructor(parts: RouterParts) {
    this.#parts = parts;
    this.#writing = new Writes(parts);
    this.#views = new ListViews(parts);
    this.#reading = new Reads({ ...parts, views: this.#views });
    this.#keepalives = new Keepalives(parts);
    this.#writes = new Batch(parts.admission);
    this.#reads = new Batch(parts.admission);
    this.#staleReads = new Batch(parts.admission);
  }

  /** Who leads as far as this node knows. */
  leader(): LeaderHint | null {
    return leaderHint(this.#parts.node.status());
  }

  members(): readonly NodeHint[] {
    return memberHints(this.#parts.node.status());
  }

  /** From now on nothing new is taken here: this node is going away. */
  stopTaking(reason: string): void {
    this.#closing = this.#unavailable(reason);
  }

  /** Nothing is asked any more. */
  stop(): void {
    this.#views.stop();
  }

  receive(arrival: Arrival): void {
    const { requests, caller } = arrival;
    const refused = this.#closing ?? this.#whyNotServing();
    for (const request of requests) {
      const error = refused ?? this.#take(request, arrival);
      if (error !== undefined) caller.answer({ id: request.id, error });
    }
  }

  /** A write of an operator's route, which is numbered in its own way. */
  receiveWrite(write: Write, from: { readonly caller: Caller; readonly bytes: number }): void {
    const request = { id: 0, command: write.name, args: {} };
    const { caller, bytes: bytesEach } = from;
    const arrival: Arrival = { caller, requests: [request], floor: undefined, bytesEach };
    const error = this.#closing ?? this.#whyNotServing() ?? this.#full(arrival);
    if (error !== undefined) return caller.answer({ id: request.id, error });
    this.#gather(this.#writes, request, arrival, { origin: { kind: "none" }, write });
  }

  #whyNotServing(): ErrorObject | undefined {
    const reason = this.#parts.state.notServing;
    return reason === undefined ? undefined : this.#unavailable(reason);
  }

  /** Into the writes or the reads of this turn; or the error that is its answer. */
  #take(request: Request, arrival: Arrival): ErrorObject | undefined {
    if (request.command === keepaliveCommand) {
      return this.#keepalives.take(request, arrival.caller);
    }
    if (this.#parts.keepers.isKeeper(arrival.caller)) return keepsOnly();
    if (request.command === "watch" || request.command === "unwatch") {
      return this.#takeWatch(request, arrival.caller);
    }
    const { command, partition, args } = request;
    const parsed = parseCommand(command, partition, args, arrival.caller.session);
    switch (parsed.kind) {
      case "unknown":
        return unknownCommand(request.command);
      case "invalid":
        return invalidArgument(parsed);
      case "read":
        return this.#takeRead(parsed.read, request, arrival);
      case "write":
        return this.#takeWrite(parsed.write, request, arrival);
      default:
        return unreachable(parsed);
    }
  }

  #takeWatch(request: Request, { watcher }: Caller): ErrorObject | undefined {
    if (watcher === undefined) {
      return invalidArgument({ path: "command", reason: "needs a WebSocket, to be told" });
    }
    const { watches } = this.#parts;
    return request.command === "watch"
      ? watches.take(request, watcher)
      : watches.end(request, watcher);
  }

  #takeRead(read: Read, request: Request, arrival: Arrival): ErrorObject | undefined {
    const { revisionMin } = request;
    if (read.name === "session.sync" && revisionMin !== undefined) {
      const reason = "is of no use: only the leader knows what a session has";
      return invalidArgument({ path: "revisionMin", reason });
    }
    const isTooOld = revisionMin !== undefined && revisionMin > this.#parts.state.current.revision;
    if (isTooOld) return this.#behind();
    const batch = revisionMin === undefined ? this.#reads : this.#staleReads;
    return this.#full(arrival) ?? this.#gather(batch, request, arrival, read);
  }

  #takeWrite(
    write: Submission["write"],
    request: Request,
    arrival: Arrival,
  ): ErrorObject | undefined {
    const { caller, floor } = arrival;
    if (request.revisionMin !== undefined) {
      return invalidArgument({ path: "revisionMin", reason: "is for reads" });
    }
    const verdict = originOf({ request, write, session: caller.session, floor });
    if (verdict.kind === "invalid") return invalidArgument(verdict);
    const { origin } = verdict;
    if (origin.kind === "request" && this.#parts.used.isForAnother(origin.requestId, write)) {
      const reason = `${JSON.stringify(origin.requestId)} was used for another call less than ten minutes ago: take a new one for each call, the same only to repeat it`;
      return invalidArgument({ path: "requestId", reason });
    }
    const refused = this.#notInForce(write) ?? this.#full(arrival);
    if (refused !== undefined) return refused;
    return this.#gather(this.#writes, request, arrival, { origin, write });
  }

  /** Some node of the cluster might not be able to read it: then it would have to stop. */
  #notInForce(write: Write): ErrorObject | undefined {
    const level = featureLevelOf(write);
    if (level <= this.#parts.state.current.featureLevel) return undefined;
    return this.#unavailable(
      `${write.name} is of feature level ${level}, which is raised once every node of the cluster is there and runs a rogerd that knows it`,
    );
  }

  #full({ caller, bytesEach }: Arrival): ErrorObject | undefined {
    const admitted = this.#parts.admission.admit(caller, bytesEach);
    if (admitted === "admitted") return undefined;
    const whose = admitted === "caller-full" ? "on this connection" : "on this node";
    const { retryAfterMs } = this.#parts.bounds;
    return errorObject("overloaded", `too many calls are in flight ${whose}`, { retryAfterMs });
  }

  #gather<Asked>(batch: Batch<Asked>, request: Request, arrival: Arrival, asked: Asked): undefined {
    batch.add({ caller: arrival.caller, id: request.id, bytes: arrival.bytesEach, asked });
    if (this.#isTurnOpen) return;
    this.#isTurnOpen = true;
    this.#parts.platform.afterTurn(() => this.#endTurn());
  }

  #endTurn(): void {
    const { admission, node, bounds } = this.#parts;
    const [writes, reads] = [this.#writes, this.#reads];
    this.#isTurnOpen = false;
    this.#writes = new Batch(admission);
    this.#reads = new Batch(admission);
    const staleReads = this.#staleReads;
    this.#staleReads = new Batch(admission);
    this.#reading.answerStale(staleReads);
    const status = node.status();
    if (status.role === "leader") {
      this.#writing.propose(writes);
      this.#reading.ask(reads);
      return;
    }
    const { retryAfterMs } = bounds;
    const error = elsewhereError({ status, retryAfterMs });
    writes.refuse({ from: 0, before: writes.length }, error);
    reads.refuse({ from: 0, before: reads.length }, error);
  }

  /** The leader's state is never older than one that somebody was shown. */
  #behind(): ErrorObject {
    const status = this.#parts.node.status();
    if (status.role === "leader") return this.#unavailable("the state here is not yet as new");
    const { retryAfterMs } = this.#parts.bounds;
    return elsewhereError({ status, retryAfterMs });
  }

  #unavailable(reason: string): ErrorObject {
    const { retryAfterMs } = this.#parts.bounds;
    return errorObject("unavailable", reason, { retryAfterMs });
  }
}

function keepsOnly(): ErrorObject {
  const message =
    "a connection that has shown a session's secret sends keepalives, and asks nothing";
  return errorObject("forbidden", message);
}

function unknownCommand(name: string): ErrorObject {
  const path = "command";
  return errorObject("invalid_argument", `command ${JSON.stringify(name)} is unknown`, { path });
}

function invalidArgument(wrong: { readonly path: string; readonly reason: string }): ErrorObject {
  const { path, reason } = wrong;
  return errorObject("invalid_argument", `${path}: ${reason}`, { path });
}
