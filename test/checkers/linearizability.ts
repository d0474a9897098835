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
  let standings: readonly Standing<State>[] = [{ state: model.initial, done: new Set() }];
  for (const event of eventsInOrder(calls)) {
    if (event.kind === "begin") {
      open.set(event.id, event.call);
      continue;
    }
    const next = settle(model, { open, standings, id: event.id, ...limits });
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
    readonly standings: readonly Standing<State>[];
    readonly id: number;
    readonly standingsMax: number;
  },
): readonly Standing<State>[] | "too-many" {
  const seen = new Map<string, Standing<State>>();
  const settled = new Map<string, Standing<State>>();
  const frontier = [...now.standings];
  for (let standing = frontier.pop(); standing !== undefined; standing = frontier.pop()) {
    if (standing.done.has(now.id)) {
      keep(settled, model, { state: standing.state, done: without(standing.done, now.id) });
      continue;
    }
    for (const [id, call] of now.open) {
      if (standing.done.has(id)) continue;
      const state = model.step(
        standing.state,
        call.input,
        call.end === undefined ? undefined : call.output,
      );
      if (state === "refuted") continue;
      const next = { state, done: new Set(standing.done).add(id) };
      if (keep(seen, model, next)) frontier.push(next);
    }
    if (seen.size + settled.size > now.standingsMax) return "too-many";
  }
  return withoutDominated(model, { standings: [...settled.values()], open: now.open });
}

function keep<State, Input, Output>(
  known: Map<string, Standing<State>>,
  model: Model<State, Input, Output>,
  standing: Standing<State>,
): boolean {
  const key = `${model.identify(standing.state)}|${[...standing.done].sort((a, b) => a - b).join(",")}`;
  if (known.has(key)) return false;
  known.set(key, standing);
  return true;
}

function without(done: ReadonlySet<number>, id: number): ReadonlySet<number> {
  const rest = new Set(done);
  rest.delete(id);
  return rest;
}

/**
 * Of two standings with the same state that differ only in calls whose outcome is unknown, the one
 * that has used fewer of them can do all that the other can: it may use the rest later or never.
 */
function withoutDominated<State, Input, Output>(
  model: Model<State, Input, Output>,
  now: {
    readonly standings: readonly Standing<State>[];
    readonly open: ReadonlyMap<number, Call<Input, Output>>;
  },
): readonly Standing<State>[] {
  const endless = new Set(
    [...now.open].filter(([, call]) => call.end === undefined).map(([id]) => id),
  );
  if (endless.size === 0) return now.standings;
  const groups = new Map<string, Standing<State>[]>();
  const bySize = [...now.standings].sort((a, b) => a.done.size - b.done.size);
  for (const standing of bySize) {
    const certain = [...standing.done].filter((id) => !endless.has(id)).sort((a, b) => a - b);
    const key = `${model.identify(standing.state)}|${certain.join(",")}`;
    const group = groups.get(key) ?? [];
    const isDominated = group.some((smaller) =>
      [...smaller.done].every((id) => standing.done.has(id)),
    );
    if (!isDominated) groups.set(key, [...group, standing]);
  }
  return [...groups.values()].flat();
}
