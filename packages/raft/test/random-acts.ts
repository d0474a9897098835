// random-acts.ts — what can happen to a cluster, as data, so that a failing story can be made shorter.
// `at` and `other` choose among what there is at that moment, by remainder.
import * as fc from "fast-check";

export interface Act {
  readonly kind: ActKind;
  readonly at: number;
  readonly other: number;
}

/** How often each happens, out of the sum. */
const weights = {
  deliver: 24,
  "deliver in order": 12,
  "deliver to one": 8,
  duplicate: 3,
  drop: 4,
  "drop to one": 1,
  wake: 8,
  sync: 14,
  "answer chunk": 8,
  propose: 8,
  read: 4,
  crash: 2,
  restart: 4,
  disconnect: 2,
  transfer: 2,
  "take snapshot": 3,
  compact: 3,
  diverge: 1,
  "stall disk": 1,
  "change membership": 4,
  freeze: 2,
  thaw: 2,
  "let it run": 5,
} as const;

export type ActKind = keyof typeof weights;

function isActKind(name: string): name is ActKind {
  return Object.hasOwn(weights, name);
}

const kinds = Object.keys(weights).filter(isActKind);

const kind: fc.Arbitrary<ActKind> = fc.oneof(
  ...kinds.map((name) => ({ weight: weights[name], arbitrary: fc.constant(name) })),
);

const act: fc.Arbitrary<Act> = fc.record({ kind, at: fc.nat(997), other: fc.nat(997) });

export const acts: fc.Arbitrary<Act[]> = fc.array(act, {
  minLength: 0,
  maxLength: 400,
  size: "max",
});
