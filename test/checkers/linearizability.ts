// linearizability.ts — is there an order of the calls, each at one instant between its begin and its
// end, that a single copy of the object could have answered? (Herlihy and Wing; the search is Lowe's
// just-in-time linearization, with memo.) It judges one object; split histories by object first.
// A call without an end may take effect at any time after its begin, or never. When the search is
// given up for its size the verdict is `undecided`, which no test may take for a pass.
import type { Call } from "./history.ts";

/** The object's sequential behaviour. States are compared by `identify`. */
export interface Model<State, Input, Output> {
  readonly initial: State;
  /** The state afterwards, or "refuted" if a single copy would not have given this output.
   *  `output` is undefined where it is not known: then any output is possible. */
  step(state: State, input: Input, output: Output | undefined): State | "refuted";
  identify(state: State): string | number;
}

export type Verdict<Input, Output> =
  | { readonly kind: "linearizable" }
  /** No order explains the completion of `call`; `pending` were open when it completed. */
  | {
      readonly kind: "violated";
      readonly call: Call<Input, Output>;
      readonly pending: readonly Call<Input, Output>[];
    }
  | { readonly kind: "undecided"; readonly standingsMax: number };

/** One way in which things may stand: the state, and which open calls have taken effect already. */
interface Standing<State> {
  readonly state: State;
  readonly done: ReadonlySet<number>;
}

export function checkLinearizability<State, Input, Output>(
  model: Model<State, Input, Output>,
  calls: readonly Call<Input, Output>[],
  limits: { readonly standingsMax: number } = { standingsMax: 200_000 },
): Verdict<Input, Output> {
  const open = new Map<number, Call<Input, Output>>();
  const twins = twinsOf(calls);
  let standings: readonly Standing<State>[] = [{ state: model.initial, done: new Set() }];
  for (const event of eventsInOrder(calls)) {
    if (event.kind === "begin") {
      open.set(event.id, event.call);
      continue;
    }
    const next = settle(model, { open, twins, standings, id: event.id, ...limits });
    if (next === "too-many") return { kind: "undecided", ...limits };
    if (next.length === 0) {
      const pending = [...open].filter(([id]) => id !== event.id).map(([, call]) => call);
      return { kind: "violated", call: event.call, pending };
    }
    standings = next;
    open.delete(event.id);
  }
  return { kind: "linearizable" };
}

/**
 * Of each call whose outcome is unknown, the one before it that asked the same: whichever of the two takes effect,
 * all is the same, so the earlier one goes first.
 */
function twinsOf<Input, Output>(
  calls: readonly Call<Input, Output>[],
): ReadonlyMap<number, number> {
  const twins = new Map<number, number>();
  const last = new Map<string, number>();
  const endless = [...calls.entries()].filter(([, { end }]) => end === undefined);
  for (const [id, { input }] of endless.sort(([, one], [, other]) => one.begin - other.begin)) {
    const asked = JSON.stringify(input);
    const twin = last.get(asked);
    if (twin !== undefined) twins.set(id, twin);
    last.set(asked, id);
  }
  return twins;
}

interface CallEvent<Input, Output> {
  readonly kind: "begin" | "end";
  readonly at: number;
  readonly id: number;
  readonly call: Call<Input, Output>;
}

function eventsInOrder<Input, Output>(
  calls: readonly Call<Input, Output>[],
): readonly CallEvent<Input, Output>[] {
  const events: CallEvent<Input, Output>[] = [];
  calls.forEach((call, id) => {
    events.push({ kind: "begin", at: call.begin, id, call });
    if (call.end !== undefined) events.push({ kind: "end", at: call.end, id, call });
  });
  return events.sort((a, b) => a.at - b.at);
}

/**
 * Call `id` has completed, so in every standing it must have taken effect by now. Where it has not,
 * open calls take effect, in every order, only as far as needed to let this one do so.
 */
function settle<State, Input, Output>(
  model: Model<State, Input, Output>,
  now: {
    readonly open: ReadonlyMap<number, Call<Input, Output>>;
    readonly twins: ReadonlyMap<number, number>;
    readonly standings: readonly Standing<State>[];
    readonly id: number;
    readonly standingsMax: number;
  },
): readonly Standing<State>[] | "too-many" {
  const seen = new Undominated(model, now.open);
  const settled = new Undominated(model, now.open);
  const frontier = [...now.standings];
  for (let at = 0; at < frontier.length; at += 1) {
    const standing = frontier[at];
    if (standing === undefined) break;
    if (standing.done.has(now.id)) {
      settled.keep({ state: standing.state, done: without(standing.done, now.id) });
      continue;
    }
    for (const [id, call] of now.open) {
      const twin = now.twins.get(id);
      if (standing.done.has(id) || (twin !== undefined && !standing.done.has(twin))) continue;
      const state = model.step(
        standing.state,
        call.input,
        call.end === undefined ? undefined : call.output,
      );
      if (state === "refuted") continue;
      const next = { state, done: new Set(standing.done).add(id) };
      if (seen.keep(next)) frontier.push(next);
    }
    if (seen.size + settled.size > now.standingsMax) return "too-many";
  }
  return settled.standings();
}

function without(done: ReadonlySet<number>, id: number): ReadonlySet<number> {
  const rest = new Set(done);
  rest.delete(id);
  return rest;
}

/**
 * Of two standings with the same state that differ only in calls whose outcome is unknown, the one
 * that has used fewer of them can do all that the other can: it may use the rest later or never.
 * Without this, each unknown call would double the search.
 */
class Undominated<State, Input, Output> {
  readonly #model: Model<State, Input, Output>;
  readonly #endless: ReadonlySet<number>;
  readonly #groups = new Map<string, Standing<State>[]>();
  size = 0;

  constructor(model: Model<State, Input, Output>, open: ReadonlyMap<number, Call<Input, Output>>) {
    this.#model = model;
    this.#endless = new Set([...open].filter(([, { end }]) => end === undefined).map(([id]) => id));
  }

  /** False: another one can do all that it can. */
  keep(standing: Standing<State>): boolean {
    const certain = [...standing.done].filter((id) => !this.#endless.has(id)).sort((a, b) => a - b);
    const name = `${this.#model.identify(standing.state)}|${certain.join(",")}`;
    const group = this.#groups.get(name) ?? [];
    if (group.some(({ done }) => isWithin(done, standing.done))) return false;
    const rest = group.filter(({ done }) => !isWithin(standing.done, done));
    this.#groups.set(name, [...rest, standing]);
    this.size += 1 + rest.length - group.length;
    return true;
  }

  standings(): readonly Standing<State>[] {
    return [...this.#groups.values()].flat();
  }
}

function isWithin(few: ReadonlySet<number>, many: ReadonlySet<number>): boolean {
  if (few.size > many.size) return false;
  for (const id of few) if (!many.has(id)) return false;
  return true;
}
