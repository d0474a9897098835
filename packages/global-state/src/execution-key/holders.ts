// holders.ts — who holds one execution key: a set in the order of the tokens (SEMANTICS §4.3), and what the call that is
// being executed has changed of it. A limit may be a thousand, and each of a thousand holders calls as often as who holds a
// key alone: so nobody is found here by looking through all of them. What finds them is derived, and made only
// for a key that many hold.
import { assert } from "../assert.ts";
import { Deadlines } from "../deadlines.ts";
import type { FencingToken, JobId, LogTimeMs, SessionId } from "../ids.ts";
import { never } from "../log-time.ts";
import type { Row } from "../table/row.ts";

export interface Holder {
  /** Null for Roger's forms: a holder without a name, which anyone may end. */
  readonly owner: JobId | null;
  /** It lives by this session; null for Roger's forms. */
  readonly session: SessionId | null;
  readonly token: FencingToken;
  readonly sinceWallMs: number;
  /** `never`, unless a rule bounds how long a key is held. */
  readonly heldUntil: LogTimeMs;
}

/** Of one call: who holds a key that did not before it, and the other way round. In no order that counts. */
export interface HoldersChange {
  readonly came: readonly Holder[];
  readonly went: readonly Holder[];
}

/** So few are looked through, which costs nothing. */
const fewMax = 16;

export class Holders {
  readonly #inOrder: Holder[] = [];
  #index: HolderIndex | undefined;
  #change: { readonly came: Map<number, Holder>; readonly went: Holder[] } | undefined;

  get count(): number {
    return this.#inOrder.length;
  }

  [Symbol.iterator](): Iterator<Holder> {
    return this.#inOrder[Symbol.iterator]();
  }

  first(count: number): readonly Holder[] {
    return this.#inOrder.slice(0, count);
  }

  withToken(token: number): Holder | undefined {
    const holder = this.#inOrder[this.#placeOf(token)];
    return holder?.token === token ? holder : undefined;
  }

  /** In whatever sessions, in the order of the tokens. */
  ofOwner(owner: JobId): readonly Holder[] {
    if (this.#index !== undefined) return this.#index.ofOwner(owner);
    return this.#inOrder.filter((holder) => holder.owner === owner);
  }

  /** The earliest time at which one has held it too long; `never`. */
  get soonestEnd(): LogTimeMs {
    if (this.#index !== undefined) return this.#index.soonestEnd;
    let soonest = never;
    for (const { heldUntil } of this.#inOrder) if (heldUntil < soonest) soonest = heldUntil;
    return soonest;
  }

  /** Its token is the latest one. */
  add(holder: Holder): void {
    this.adopt(holder);
    this.#change ??= { came: new Map(), went: [] };
    this.#change.came.set(holder.token, holder);
  }

  /** It comes out of a snapshot: nothing changes. */
  adopt(holder: Holder): void {
    assert(holder.token > this.#lastToken, "holders are in the order of their tokens");
    this.#inOrder.push(holder);
    this.#index?.add(holder);
    if (this.count > fewMax) this.#index ??= new HolderIndex(this.#inOrder);
  }

  remove(holder: Holder): void {
    const place = this.#placeOf(holder.token);
    assert(this.#inOrder[place] === holder, "who stops holding a key held it");
    this.#inOrder.splice(place, 1);
    this.#index?.remove(holder);
    if (this.count === 0) this.#index = undefined;
    this.#change ??= { came: new Map(), went: [] };
    if (!this.#change.came.delete(holder.token)) this.#change.went.push(holder);
  }

  /** Since it was taken last; undefined: the same hold it as then. */
  takeChange(): HoldersChange | undefined {
    const change = this.#change;
    this.#change = undefined;
    if (change === undefined || change.came.size + change.went.length === 0) return undefined;
    return { came: [...change.came.values()], went: change.went };
  }

  get #lastToken(): number {
    return this.#inOrder.at(-1)?.token ?? 0;
  }

  /** Of the first one whose token is not smaller. */
  #placeOf(token: number): number {
    let [low, high] = [0, this.#inOrder.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const there = this.#inOrder[middle];
      if (there !== undefined && there.token < token) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

interface HoldEnd extends Row {
  readonly kind: "hold";
  expiresAt: LogTimeMs;
  place: number;
}

/** By owner, and by when it has held the key too long. */
class HolderIndex {
  readonly #byOwner = new Map<JobId, Holder[]>();
  readonly #ends = new Deadlines<HoldEnd>();
  readonly #endOf = new Map<number, HoldEnd>();

  constructor(holders: readonly Holder[]) {
    for (const holder of holders) this.add(holder);
  }

  add(holder: Holder): void {
    const { heldUntil: expiresAt, owner, token } = holder;
    if (owner !== null) {
      const known = this.#byOwner.get(owner);
      if (known === undefined) this.#byOwner.set(owner, [holder]);
      else known.push(holder);
    }
    if (expiresAt === never) return;
    const end: HoldEnd = { hash: token, scope: 0, key: token, kind: "hold", expiresAt, place: -1 };
    this.#endOf.set(token, end);
    this.#ends.add(end);
  }

  remove({ owner, token }: Holder): void {
    if (owner !== null) {
      const others = this.ofOwner(owner).filter((holder) => holder.token !== token);
      if (others.length === 0) this.#byOwner.delete(owner);
      else this.#byOwner.set(owner, others);
    }
    const end = this.#endOf.get(token);
    if (end === undefined) return;
    this.#endOf.delete(token);
    this.#ends.remove(end);
  }

  ofOwner(owner: JobId): readonly Holder[] {
    return this.#byOwner.get(owner) ?? [];
  }

  get soonestEnd(): LogTimeMs {
    return this.#ends.first()?.expiresAt ?? never;
  }
}
