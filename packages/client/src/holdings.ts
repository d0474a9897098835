// holdings.ts — the execution keys and jobs that this client waits for (line.ts) and has in its session (holds.ts), and
// how it learns what becomes of them: from answers, pushes and syncs alike, each of which may come first. Nothing that
// was given up stays: it is given back. One owner's calls about one key never overtake each other.
import type { Push, SyncedEnding } from "@rogerd/protocol";
import {
  Acquisition,
  type AcquisitionOwner,
  type Freeing,
  type Grant,
  type Pending,
  type Wanted,
} from "./acquisition.ts";
import type { CallSpec, Reply } from "./call.ts";
import type { CallOptions } from "./caller.ts";
import { type EarlyEnding, EarlyNews } from "./early-news.ts";
import { ClientClosedError, isOver, type LeaseLostError, type RogerdError } from "./errors.ts";
import type { EventFeed } from "./events.ts";
import {
  type AskedKey,
  type ExecutionKeyAcquired,
  type ExecutionKeys,
  type ExecutionKeyWithdrawn,
  nameOf,
  releasedOf,
  wantedKey,
  withdrawal,
  withdrawnOf,
} from "./execution-key.ts";
import {
  FinishAndStart,
  type FinishAndStartParts,
  type JobFinishedAndStarted,
} from "./finish-and-start.ts";
import { Freeings, heardToItsEnd } from "./freeings.ts";
import { checkedTimeout, checkObject, checkSignal } from "./given.ts";
import { HeldKey, type KeyOfOwner, type KeyReleased } from "./held-key.ts";
import { Holds, type Standing } from "./holds.ts";
import {
  type AskedJob,
  finishedOf,
  finishing,
  type JobStarted,
  type Jobs,
  wantedJob,
} from "./job.ts";
import { Line } from "./line.ts";
import { fenced, keyLost, stopWanted } from "./loss.ts";
import { waitFor } from "./patience.ts";
import type { ClientPlatform } from "./platform.ts";
import { type JobFinished, Run, type RunParts } from "./run.ts";
import type { NewsReader } from "./session-news.ts";
import type { SessionView } from "./session-pages.ts";
import { timeoutMsMax } from "./deadlines.ts";
import { ShownGrants } from "./shown-grants.ts";

export interface HoldingsParts {
  readonly platform: ClientPlatform;
  readonly timeoutMs: number;
  readonly events: EventFeed;
  readonly issue: (spec: CallSpec) => Promise<Reply>;
  /** Somebody wants to be told from now on. */
  readonly wantNews: () => void;
  /** Something was told that is not remembered: the state is to be asked once more. */
  readonly missedNews: () => void;
  /** Throws where nothing new is to begin. */
  readonly checkOpen: () => void;
}

export class Holdings implements ExecutionKeys, Jobs, AcquisitionOwner, NewsReader {
  readonly #parts: HoldingsParts;
  /** Their users do not know yet what they come to; by name. */
  readonly #open = new Map<string, Set<Pending>>();
  readonly #line = new Line();
  readonly #early = new EarlyNews(() => this.#parts.missedNews());
  readonly #holds = new Holds(this.#early);
  /** To be given back, by name, unless one of those that are open gets it. */
  readonly #owed = new Set<string>();
  readonly #freeings = new Freeings();
  /** Why nothing is told here: who waits would never know. */
  #untold: RogerdError | undefined;
  #closed: ClientClosedError | undefined;

  constructor(parts: HoldingsParts) {
    this.#parts = parts;
  }

  // For users.

  acquire(asked: AskedKey, options: CallOptions): Promise<ExecutionKeyAcquired> {
    return this.#begin(
      wantedKey(asked, (grant) => this.#key(asked, grant)),
      options,
    );
  }

  withdraw(of: KeyOfOwner, options: CallOptions): Promise<ExecutionKeyWithdrawn> {
    return this.#free(withdrawal(of), options, (reply) => {
      const withdrawn = withdrawnOf(reply);
      if (withdrawn.status !== "not_held") this.#taken(nameOf(of), reply);
      return withdrawn;
    });
  }

  release(
    of: KeyOfOwner & { readonly token: number },
    options: CallOptions,
    standing?: Standing,
  ): Promise<KeyReleased> {
    const { partition, key, owner, token } = of;
    const command = "executionKey.release";
    const freeing = { name: nameOf(of), command, partition, args: { key, owner, token } };
    const settle = (reply: Reply): KeyReleased => {
      const released = releasedOf(reply);
      const isRuns = released.status === "not_held" && released.reason === "run";
      if (!isRuns) this.#holds.endKey(token);
      return released;
    };
    return this.#free(freeing, options, settle, standing);
  }

  start(asked: AskedJob, options: CallOptions): Promise<JobStarted> {
    return this.#begin(
      wantedJob(asked, (grant) => this.#run(asked, grant)),
      options,
    );
  }

  /** Nothing is asked any more: what is held ends with the session. */
  close(reason: string): void {
    this.#closed ??= new ClientClosedError({ message: reason });
    this.#endAll(this.#closed);
  }

  // For acquisitions.

  async issue(spec: CallSpec): Promise<Reply> {
    if (this.#closed !== undefined) throw this.#closed;
    return this.#early.during(() => this.#parts.issue(spec));
  }

  waits(acquisition: Pending): void {
    const { ticket } = acquisition;
    if (ticket === undefined) return;
    this.#line.enter(ticket, acquisition);
    const early = this.#early.endingOf(ticket);
    if (early !== undefined) acquisition.ended(early.ending, early.revision);
    const stands = acquisition.ticket !== undefined;
    if (stands && this.#untold !== undefined) this.#failUntold(acquisition, this.#untold);
  }

  waitsNoMore(acquisition: Pending): void {
    const { ticket } = acquisition;
    if (ticket !== undefined) this.#line.leave(ticket, acquisition);
  }

  over(acquisition: Pending): void {
    const name = acquisition.wanted.name;
    const others = this.#open.get(name);
    others?.delete(acquisition);
    if (others === undefined || others.size > 0) return;
    this.#open.delete(name);
    if (this.#owed.delete(name)) this.giveBack(acquisition.wanted.giveBack);
  }

  /** Not what somebody else here has in the name of the same owner; what one may still get, if he does not. */
  giveBack(back: Wanted<unknown>["giveBack"]): void {
    const { key, name, owner, partition } = back;
    if (this.#holds.hasNamed(name) || this.#closed !== undefined) return;
    if (this.#open.has(name)) return void this.#owed.add(name);
    const freed = this.#free(back, { timeoutMs: timeoutMsMax }, (reply) =>
      this.#taken(name, reply),
    );
    void freed.catch((error: unknown) => {
      // With its session it has ended anyway.
      if (isOver(error)) return;
      this.#parts.events.tell({ kind: "not-given-back", partition, key, owner, error });
    });
  }

  // News.

  pushed(push: Push): void {
    switch (push.kind) {
      case "waitEnded":
        return this.ended(push);
      case "holdEnded":
        return this.#holds.lose(push.token, keyLost(push.cause));
      case "runFenced":
        return this.#holds.lose(push.token, fenced(push.cause));
      case "runToStop":
        return this.#holds.stop(push.token, stopWanted(push));
    }
  }

  ended({ ticket, ending, revision }: Omit<SyncedEnding, "seq"> & EarlyEnding): void {
    // Another call of the same owner may still be told that it waits there.
    this.#early.ended(ticket, { ending, revision });
    for (const acquisition of this.#line.under(ticket)) acquisition.ended(ending, revision);
  }

  /** The state is the truth: what it does not show of before is no more, whatever was not heard. */
  synced(view: SessionView): void {
    this.#untold = undefined;
    const grants = new ShownGrants(view);
    for (const acquisition of this.#line.missingIn(view)) this.#settleMissing(acquisition, grants);
    this.#holds.synced(view, { isFreed: (name) => this.#freeings.has(name) });
  }

  /** Behind what gives back what it may have got: that says perhaps that it was withdrawn. */
  #settleMissing(acquisition: Pending, grants: ShownGrants): void {
    const freeing = this.#freeings.under(acquisition.wanted.name);
    if (freeing !== undefined) return void freeing.then(() => acquisition.askAgain());
    const grant = grants.grantOf(acquisition.wanted);
    if (grant === undefined || this.#isAnothers(acquisition, grant)) return acquisition.askAgain();
    acquisition.granted(grant);
  }

  /** A job starts once: this run is, or may turn out to be, what another call of this client came to. */
  #isAnothers({ wanted: { name, to } }: Pending, { token }: Grant): boolean {
    if (to === "hold") return false;
    const isAsked = [...(this.#open.get(name) ?? [])].some(
      (other) => other.wanted.to === "start" && other.ticket === undefined,
    );
    return isAsked || this.#holds.hasRun(token);
  }

  untold(error: RogerdError): void {
    this.#untold = error;
    for (const acquisition of this.#line.all()) this.#failUntold(acquisition, error);
  }

  #failUntold(acquisition: Pending, error: RogerdError): void {
    acquisition.fail(error);
    this.giveBack(acquisition.wanted.giveBack);
  }

  /** The session is over, as far as this client may count on it. */
  lost(error: LeaseLostError): void {
    this.#early.forget();
    for (const acquisition of this.#line.all()) acquisition.fail(error);
    this.#holds.loseAll(error);
  }

  #endAll(error: RogerdError): void {
    for (const open of [...this.#open.values()]) {
      for (const acquisition of [...open]) acquisition.fail(error);
    }
    this.#holds.loseAll(error);
  }

  #begin<Outcome>(wanted: Wanted<Outcome>, options: CallOptions): Promise<Outcome> {
    const acquisition = this.#opened(wanted, options);
    const freeing = this.#freeings.under(wanted.name);
    if (freeing === undefined) acquisition.ask();
    else void freeing.then(() => acquisition.ask());
    return acquisition.promise;
  }

  /** Nothing is asked yet. */
  #opened<Outcome>(wanted: Wanted<Outcome>, options: CallOptions): Acquisition<Outcome> {
    const { platform, timeoutMs } = this.#patienceOf(options);
    const { name } = wanted;
    const given = { ...options, timeoutMs };
    const acquisition = new Acquisition({ platform, owner: this, wanted, options: given });
    this.#open.set(name, (this.#open.get(name) ?? new Set<Pending>()).add(acquisition));
    acquisition.begin();
    this.#parts.wantNews();
    return acquisition;
  }

  #key(of: KeyOfOwner, { token, revision }: Grant): HeldKey {
    return this.#holds.key({ name: nameOf(of), token, revision }, (standing) => {
      const release = (options: CallOptions) => this.release({ ...of, token }, options, standing);
      return new HeldKey({ of, token, revision, signal: standing.signal, release });
    });
  }

  #run(asked: AskedJob, { token, revision }: Grant): Run {
    const { jobId, partition, queue } = asked;
    const finished = (reply: Reply): JobFinished => {
      this.#holds.end(token);
      return finishedOf(reply);
    };
    const { name } = finishing(asked, { outcome: "retry", options: {} });
    return this.#holds.run({ name, token, revision }, (standing) => {
      const finish: RunParts["finish"] = (outcome, options) =>
        this.#free(finishing(asked, { outcome, options, token }), options, finished, standing);
      const finishAndStart: RunParts["finishAndStart"] = async (outcome, next, options) => {
        checkObject("next", next);
        const run = { finish: finishing(asked, { outcome, options, token }), finished, standing };
        return this.#finishAndStart(run, { ...next, partition }, options);
      };
      const { signal } = standing;
      return new Run({ jobId, queue, token, revision, signal, finish, finishAndStart });
    });
  }

  /** Behind what frees either; the start alone is given up. */
  #finishAndStart(
    run: Pick<FinishAndStartParts, "finish" | "finished"> & { readonly standing: Standing },
    asked: AskedJob,
    options: CallOptions,
  ): Promise<JobFinishedAndStarted> {
    this.#parts.checkOpen();
    const wanted = wantedJob(asked, (grant) => this.#run(asked, grant));
    const next = this.#opened(wanted, options);
    const issue = async (spec: CallSpec): Promise<Reply> => {
      run.standing.checkLease();
      return this.issue(spec);
    };
    const call = new FinishAndStart({ ...run, next, issue });
    const names = { name: run.finish.name, others: [wanted.name] };
    const known = this.#freeings.begin(names, () => call.send());
    return waitFor(known, this.#patienceOf(options));
  }

  /** Withdrawn, by a call of this client: who waited is told, and who held knows. */
  #taken(name: string, at: Reply): void {
    for (const acquisition of [...(this.#open.get(name) ?? [])]) acquisition.withdrawn(at);
    this.#holds.endNamed(name, at);
  }

  #patienceOf({ signal, timeoutMs = this.#parts.timeoutMs }: CallOptions) {
    const { platform } = this.#parts;
    checkSignal(signal);
    return { platform, timeoutMs: checkedTimeout("timeoutMs", timeoutMs), signal };
  }

  async #free<Freed>(
    freeing: Freeing,
    options: CallOptions,
    settle: (reply: Reply) => Freed,
    standing?: Standing,
  ): Promise<Freed> {
    if (this.#closed !== undefined) throw this.#closed;
    const patience = this.#patienceOf(options);
    const call = heardToItsEnd(freeing);
    const send = async (): Promise<Freed> => {
      standing?.checkLease();
      return settle(await this.#parts.issue(call));
    };
    return waitFor(this.#freeings.begin(freeing, send), patience);
  }
}
