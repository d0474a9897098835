// key-model.ts — execution keys once more, as naively as they can be written: lists that are looked through.
// A second implementation of SEMANTICS §3, §4 for execution-keys.test.ts; it knows no bound on work.

interface ModelHolder {
  readonly owner: string | null;
  readonly session: number;
  readonly token: number;
  readonly until: number;
}
interface ModelWaiter {
  readonly key: string;
  readonly owner: string;
  readonly session: number;
  readonly ticket: number;
  readonly position: number;
  readonly until: number;
}
export interface ModelRule {
  readonly prefix: string;
  readonly limit: number;
  readonly maxHoldMs: number | undefined;
  readonly maxWaiters: number | undefined;
}
export interface ModelCall {
  readonly key: string;
  readonly owner: string;
  readonly session: number;
}

export class KeyModel {
  now = 0;
  #token = 0;
  #ticket = 0;
  readonly #holders: Map<string, ModelHolder[]> = new Map();
  readonly #delays: Map<string, number> = new Map();
  #waiters: ModelWaiter[] = [];
  #rules: readonly ModelRule[] = [];
  readonly #marks: Set<string> = new Set();
  readonly #delayMs: Map<number, number> = new Map();
  /** In words, since they were asked for last. */
  #notices: string[] = [];

  takeNotices(): readonly string[] {
    const notices = this.#notices;
    this.#notices = [];
    return notices;
  }

  open(session: number, delayMs: number): void {
    this.#delayMs.set(session, delayMs);
  }

  tick(): void {
    for (let next = this.#nextDue(); next !== undefined; next = this.#nextDue()) next();
  }

  acquire(call: ModelCall & { readonly isWait: boolean; readonly timeoutMs?: number }): string {
    const { key, owner, session } = call;
    const held = this.#of(key).find((one) => one.owner === owner && one.session === session);
    if (held !== undefined) return `held ${held.token}`;
    const found = this.#line(key).find((one) => one.owner === owner && one.session === session);
    if (found !== undefined) return `waiting ${found.ticket} ${found.position}`;
    if (this.#marks.has(owner)) return "cancelled";
    const { limit, maxWaiters = 10_000 } = this.#rule(key);
    const isFree = this.#of(key).length < limit && !this.#delays.has(key);
    if (isFree) return `held ${this.#grant(call)}`;
    const position = this.#line(key).length + 1;
    if (!call.isWait || position > maxWaiters) return "busy";
    this.#ticket += 1;
    const until = call.timeoutMs === undefined ? Infinity : this.now + call.timeoutMs;
    this.#waiters.push({ key, owner, session, ticket: this.#ticket, position, until });
    return `waiting ${this.#ticket} ${position}`;
  }

  withdraw({ key, owner, session }: ModelCall): string {
    const waiter = this.#line(key).find((one) => one.owner === owner && one.session === session);
    if (waiter !== undefined) {
      this.#waiters = this.#waiters.filter((one) => one !== waiter);
      return "withdrawn";
    }
    const holder = this.#of(key).find((one) => one.owner === owner && one.session === session);
    if (holder === undefined) return "not_held";
    this.#end(key, holder);
    this.#grantOn(key);
    return "released";
  }

  /** Without a session: the one that held it is told. */
  release(of: { readonly key: string; readonly owner: string; readonly token: number }): string {
    const { key, owner, token } = of;
    const holder = this.#of(key).find((one) => one.owner === owner && one.token === token);
    if (holder === undefined) return "not_held";
    this.#end(key, holder);
    this.#notices.push(`lost ${holder.session} ${holder.token}`);
    this.#grantOn(key);
    return "released";
  }

  setRules(rules: readonly ModelRule[]): void {
    this.#rules = rules;
    for (const { key } of this.#waiters.slice()) this.#grantOn(key);
  }

  cancel(owner: string): void {
    this.#marks.add(owner);
    for (const waiter of this.#waiters.filter((one) => one.owner === owner)) {
      this.#waiters = this.#waiters.filter((one) => one !== waiter);
      this.#notices.push(`cancelled ${waiter.session} ${waiter.ticket}`);
    }
  }

  uncancel(owner: string): void {
    this.#marks.delete(owner);
  }

  addExecuting(key: string): boolean {
    if (this.#of(key).length > 0 || this.#delays.has(key)) return true;
    this.#grant({ key, owner: null, session: 0 });
    return false;
  }

  removeExecuted(key: string): void {
    for (const holder of this.#of(key).slice()) {
      this.#end(key, holder);
      if (holder.owner !== null) this.#notices.push(`lost ${holder.session} ${holder.token}`);
    }
    this.#grantOn(key);
  }

  end(session: number, how: "closed" | "expired"): void {
    this.#waiters = this.#waiters.filter((one) => one.session !== session);
    const held = [...this.#holders].flatMap(([key, holders]) =>
      holders.filter((one) => one.session === session).map((holder) => ({ key, holder })),
    );
    for (const { key, holder } of held.toSorted((a, b) => a.holder.token - b.holder.token)) {
      this.#end(key, holder);
      if (how === "expired") this.#delay(key, session);
      this.#grantOn(key);
    }
  }

  /** I1: what there may be at most; who holds what was granted under a larger limit stays. */
  countHeld(key: string): number {
    return this.#of(key).length;
  }

  #rule(key: string): ModelRule {
    const fitting = this.#rules.filter(({ prefix }) => key.startsWith(prefix));
    const longest = fitting.toSorted((a, b) => b.prefix.length - a.prefix.length)[0];
    return longest ?? { prefix: "", limit: 1, maxHoldMs: undefined, maxWaiters: undefined };
  }

  #of(key: string): ModelHolder[] {
    const holders = this.#holders.get(key) ?? [];
    this.#holders.set(key, holders);
    return holders;
  }

  #line(key: string): ModelWaiter[] {
    return this.#waiters.filter((one) => one.key === key);
  }

  #grant(to: { readonly key: string; readonly owner: string | null; session: number }): number {
    this.#token += 1;
    const { maxHoldMs } = this.#rule(to.key);
    const isBounded = to.owner !== null && maxHoldMs !== undefined;
    const until = isBounded ? this.now + maxHoldMs : Infinity;
    this.#of(to.key).push({ owner: to.owner, session: to.session, token: this.#token, until });
    return this.#token;
  }

  #end(key: string, holder: ModelHolder): void {
    this.#of(key).splice(this.#of(key).indexOf(holder), 1);
  }

  #delay(key: string, session: number): void {
    const delayMs = this.#delayMs.get(session) ?? 0;
    if (delayMs > 0)
      this.#delays.set(key, Math.max(this.#delays.get(key) ?? 0, this.now + delayMs));
  }

  #grantOn(key: string): void {
    for (;;) {
      const next = this.#line(key)[0];
      if (next === undefined || this.#delays.has(key)) return;
      if (this.#of(key).length >= this.#rule(key).limit) return;
      this.#waiters = this.#waiters.filter((one) => one !== next);
      const isCancelled = this.#marks.has(next.owner);
      const how = isCancelled ? "cancelled" : `granted ${this.#grant(next)}`;
      this.#notices.push(`${how} ${next.session} ${next.ticket}`);
    }
  }

  /** The earliest; keys before waiters, each in the order of their names. */
  #nextDue(): (() => void) | undefined {
    const keys = new Set([...this.#holders.keys(), ...this.#delays.keys()]);
    const due: { at: number; run: () => void }[] = [];
    for (const key of [...keys].toSorted()) {
      const ends = this.#of(key).map(({ until }) => until);
      const at = Math.min(this.#delays.get(key) ?? Infinity, ...ends);
      due.push({ at, run: () => this.#turn(key) });
    }
    for (const waiter of this.#waiters) {
      due.push({ at: waiter.until, run: () => this.#timeOut(waiter) });
    }
    return due.toSorted((a, b) => a.at - b.at).find(({ at }) => at <= this.now)?.run;
  }

  #turn(key: string): void {
    if ((this.#delays.get(key) ?? Infinity) <= this.now) this.#delays.delete(key);
    for (const holder of this.#of(key).filter(({ until }) => until <= this.now)) {
      this.#end(key, holder);
      this.#delay(key, holder.session);
      this.#notices.push(`lost ${holder.session} ${holder.token}`);
    }
    this.#grantOn(key);
  }

  #timeOut(waiter: ModelWaiter): void {
    this.#waiters = this.#waiters.filter((one) => one !== waiter);
    this.#notices.push(`timed_out ${waiter.session} ${waiter.ticket}`);
  }
}
