// holdings.ts — the execution keys that this client waits for and holds in its session, and how it learns what
// becomes of them: from answers, pushes and syncs alike, each of which may come first. Nothing that was given up
// stays: it is given back. One owner's calls about one key never overtake each other.
import type { Push, SyncedEnding, WaitEnding } from "@rogerd/protocol";
import { Acquisition, type AcquisitionOwner, type Granted } from "./acquisition.ts";
import type { CallSpec, Reply } from "./call.ts";
import type { CallOptions } from "./caller.ts";
import {
  ClientClosedError,
  KeyLostError,
  type LeaseLostError,
  type RogerdError,
} from "./errors.ts";
import type { EventFeed } from "./events.ts";
import {
  type AskedKey,
  type ExecutionKeyAcquired,
  type ExecutionKeys,
  type ExecutionKeyWithdrawn,
  nameOf,
  releasedOf,
  withdrawnOf,
} from "./execution-key.ts";
import { HeldKey, type KeyOfOwner, type KeyReleased } from "./held-key.ts";
import { waitFor } from "./patience.ts";
import type { ClientPlatform } from "./platform.ts";
import type { NewsReader, SessionView } from "./session-news.ts";
import { checkedTimeout, timeoutMsMax } from "./settings.ts";

export interface HoldingsParts {
  readonly platform: ClientPlatform;
  readonly timeoutMs: number;
  readonly events: EventFeed;
  readonly issue: (spec: CallSpec) => Promise<Reply>;
  /** Somebody wants to be told from now on. */
  readonly wantNews: () => void;
}

interface Held {
  readonly name: string;
  readonly key: HeldKey;
  readonly controller: AbortController;
}

interface EarlyEnding {
  readonly ending: WaitEnding;
  readonly revision: number;
}

export class Holdings implements ExecutionKeys, AcquisitionOwner, NewsReader {
  readonly #parts: HoldingsParts;
  /** Their users do not know yet what they come to; by name. */
  readonly #open = new Map<string, Set<Acquisition>>();
  /** They stand in line; by ticket, which those of one owner share. */
  readonly #inLine = new Map<number, Set<Acquisition>>();
  /** By token. */
  readonly #held = new Map<number, Held>();
  /** To be given back, by name, unless one of those that are open gets it. */
  readonly #owed = new Set<string>();
  /** What frees a key and is not answered yet, by name: nobody asks for it before. */
  readonly #freeing = new Map<string, Promise<void>>();
  /** Calls that may be answered `waiting`. */
  #asking = 0;
  /** Of waits whose `waiting` is still to come; by ticket. */
  readonly #early = new Map<number, EarlyEnding>();
  /** By name: who came into line before was taken out of it. */
  readonly #withdrawnAt = new Map<string, Pick<Reply, "revision" | "n">>();
  /** Why nothing is told here: who waits would never know. */
  #untold: RogerdError | undefined;
  #closed: ClientClosedError | undefined;

  constructor(parts: HoldingsParts) {
    this.#parts = parts;
  }

  // For users.

  acquire(asked: AskedKey, options: CallOptions): Promise<ExecutionKeyAcquired> {
    const timeoutMs = checkedTimeout("timeoutMs", options.timeoutMs ?? this.#parts.timeoutMs);
    const { platform } = this.#parts;
    const given = { ...options, timeoutMs };
    const acquisition = new Acquisition({ platform, owner: this, asked, options: given });
    const name = nameOf(asked);
    this.#open.set(name, (this.#open.get(name) ?? new Set()).add(acquisition));
    acquisition.begin();
    this.#parts.wantNews();
    const freeing = this.#freeing.get(name);
    if (freeing === undefined) acquisition.ask();
    else void freeing.then(() => acquisition.ask());
    return acquisition.promise;
  }

  withdraw(of: KeyOfOwner, options: CallOptions): Promise<ExecutionKeyWithdrawn> {
    return this.#free(of, options, (reply) => {
      const withdrawn = withdrawnOf(reply);
      if (withdrawn.status !== "not_held") this.#taken(nameOf(of), reply);
      return withdrawn;
    });
  }

  release(of: KeyOfOwner & { readonly token: number }, options: CallOptions): Promise<KeyReleased> {
    const { token } = of;
    return this.#free(of, options, (reply) => {
      this.#held.delete(token);
      return releasedOf(reply);
    });
  }

  /** Nothing is asked any more: what is held ends with the session. */
  close(reason: string): void {
    this.#closed ??= new ClientClosedError({ message: reason });
    this.#endAll(this.#closed);
  }

  // For acquisitions.

  async issue(spec: CallSpec): Promise<Reply> {
    if (this.#closed !== undefined) throw this.#closed;
    this.#asking += 1;
    try {
      return await this.#parts.issue(spec);
    } finally {
      this.#asking -= 1;
      if (this.#asking === 0) this.#forgetEarly();
    }
  }

  waits(acquisition: Acquisition): void {
    const { ticket, waitsSince } = acquisition;
    if (ticket === undefined) return;
    const withdrawnAt = this.#withdrawnAt.get(nameOf(acquisition.asked));
    if (withdrawnAt !== undefined && isBefore(waitsSince, withdrawnAt)) {
      return acquisition.withdrawn();
    }
    this.#inLine.set(ticket, (this.#inLine.get(ticket) ?? new Set()).add(acquisition));
    const early = this.#early.get(ticket);
    if (early !== undefined) return acquisition.ended(early.ending, early.revision);
    if (this.#untold !== undefined) this.#failUntold(acquisition, this.#untold);
  }

  waitsNoMore(acquisition: Acquisition): void {
    const { ticket } = acquisition;
    if (ticket === undefined) return;
    const others = this.#inLine.get(ticket);
    others?.delete(acquisition);
    if (others?.size === 0) this.#inLine.delete(ticket);
  }

  over(acquisition: Acquisition): void {
    const name = nameOf(acquisition.asked);
    const others = this.#open.get(name);
    others?.delete(acquisition);
    if (others === undefined || others.size > 0) return;
    this.#open.delete(name);
    if (this.#owed.delete(name)) this.giveBack(acquisition.asked);
  }

  /** Two calls for what one owner holds share it. */
  holds({ of, token, revision }: Granted): HeldKey {
    const known = this.#held.get(token);
    if (known !== undefined) return known.key;
    const controller = new AbortController();
    const { signal } = controller;
    const release = (options: CallOptions) => this.release({ ...of, token }, options);
    const key = new HeldKey({ of, token, revision, signal, release });
    this.#held.set(token, { name: nameOf(of), key, controller });
    return key;
  }

  /** Not what somebody else here has in the name of the same owner; what one may still get, if he does not. */
  giveBack(asked: AskedKey): void {
    const name = nameOf(asked);
    const isHeld = [...this.#held.values()].some((held) => held.name === name);
    if (isHeld || this.#closed !== undefined) return;
    if (this.#open.has(name)) return void this.#owed.add(name);
    const options = { timeoutMs: timeoutMsMax };
    void this.withdraw(asked, options).catch((error: unknown) => {
      // With its session it has ended anyway.
      if (isOver(error)) return;
      const { partition, key, owner } = asked;
      this.#parts.events.tell({ kind: "not-given-back", partition, key, owner, error });
    });
  }

  // News.

  pushed(push: Push): void {
    switch (push.kind) {
      case "waitEnded":
        return this.ended(push);
      case "holdEnded":
        return this.#lose(push.token, push.cause);
      case "runFenced":
      case "runToStop":
        return;
    }
  }

  ended({ ticket, ending, revision }: Omit<SyncedEnding, "seq"> & EarlyEnding): void {
    const waiting = this.#inLine.get(ticket);
    if (waiting === undefined) {
      if (this.#asking > 0) this.#early.set(ticket, { ending, revision });
      return;
    }
    for (const acquisition of [...waiting]) acquisition.ended(ending, revision);
  }

  /** The state is the truth: what it does not show of before is no more, whatever was not heard. */
  synced({ revision, tickets, tokens }: SessionView): void {
    this.#untold = undefined;
    for (const [ticket, waiting] of [...this.#inLine]) {
      if (tickets.has(ticket)) continue;
      for (const acquisition of [...waiting]) {
        if (acquisition.waitsSince.revision <= revision) acquisition.askAgain();
      }
    }
    for (const [token, { name, key }] of [...this.#held]) {
      if (tokens.has(token) || key.revision > revision || this.#freeing.has(name)) continue;
      this.#lose(token, "unknown");
    }
  }

  untold(error: RogerdError): void {
    this.#untold = error;
    for (const waiting of [...this.#inLine.values()]) {
      for (const acquisition of [...waiting]) this.#failUntold(acquisition, error);
    }
  }

  #failUntold(acquisition: Acquisition, error: RogerdError): void {
    acquisition.fail(error);
    this.giveBack(acquisition.asked);
  }

  /** The session is over, as far as this client may count on it. */
  lost(error: LeaseLostError): void {
    this.#forgetEarly();
    for (const waiting of [...this.#inLine.values()]) {
      for (const acquisition of [...waiting]) acquisition.fail(error);
    }
    this.#loseAll(error);
  }

  #endAll(error: RogerdError): void {
    for (const open of [...this.#open.values()]) {
      for (const acquisition of [...open]) acquisition.fail(error);
    }
    this.#loseAll(error);
  }

  #loseAll(error: RogerdError): void {
    const held = [...this.#held.values()];
    this.#held.clear();
    for (const { controller } of held) controller.abort(error);
  }

  #lose(token: number, why: KeyLostError["why"]): void {
    const held = this.#held.get(token);
    if (held === undefined) return;
    this.#held.delete(token);
    const { key, owner } = held.key;
    const message = `${owner} holds ${key} no more (token ${token}): ${reasons[why]}`;
    held.controller.abort(new KeyLostError({ message, why }));
  }

  /** Withdrawn, by a call of this client: who waited is told, and who held knows. */
  #taken(name: string, at: Reply): void {
    if (this.#asking > 0) this.#withdrawnAt.set(name, { revision: at.revision, n: at.n });
    for (const acquisition of [...(this.#open.get(name) ?? [])]) {
      if (acquisition.ticket !== undefined) acquisition.withdrawn();
    }
    for (const [token, held] of [...this.#held]) if (held.name === name) this.#held.delete(token);
  }

  /**
   * Behind what frees the same key already, and before whoever asks for it next. It goes on to its end, however
   * long its user waits for it: left alone, the key would stay held; executed late, what was acquired since
   * would be freed.
   */
  async #free<Freed>(
    of: KeyOfOwner & { readonly token?: number },
    options: CallOptions,
    settle: (reply: Reply) => Freed,
  ): Promise<Freed> {
    if (this.#closed !== undefined) throw this.#closed;
    const timeoutMs = checkedTimeout("timeoutMs", options.timeoutMs ?? this.#parts.timeoutMs);
    const name = nameOf(of);
    const send = async (): Promise<Freed> => settle(await this.#send(of));
    const before = this.#freeing.get(name);
    const freed = before === undefined ? send() : before.then(send);
    const settled = freed.then(nothing, nothing);
    this.#freeing.set(name, settled);
    void settled.then(() => {
      if (this.#freeing.get(name) === settled) this.#freeing.delete(name);
    });
    const { platform } = this.#parts;
    return waitFor(freed, { platform, timeoutMs, signal: options.signal });
  }

  #send({
    partition,
    key,
    owner,
    token,
  }: KeyOfOwner & { readonly token?: number }): Promise<Reply> {
    const command = token === undefined ? "executionKey.withdraw" : "executionKey.release";
    const args = token === undefined ? { key, owner } : { key, owner, token };
    const sent = { kind: "write", command, partition, args, timeoutMs: timeoutMsMax } as const;
    return this.#parts.issue({ ...sent, signal: undefined });
  }

  /** Nobody is left to whom they could mean anything. */
  #forgetEarly(): void {
    this.#early.clear();
    this.#withdrawnAt.clear();
  }
}

const reasons: Record<KeyLostError["why"], string> = {
  removed: "an operator took it away",
  held_too_long: "it was held longer than its rule lets",
  unknown: "the state does not show it any more",
};

function isBefore(
  one: Pick<Reply, "revision" | "n">,
  other: Pick<Reply, "revision" | "n">,
): boolean {
  return one.revision < other.revision || (one.revision === other.revision && one.n < other.n);
}

/** Of a call in a session that has ended, or of a client that has. */
function isOver(error: unknown): boolean {
  const over: readonly string[] = ["session_expired", "indeterminate", "closed"];
  return error instanceof Error && "code" in error && over.includes(String(error.code));
}

/** How it went is for who called. */
function nothing(): void {}
