// fault-plan.ts — what goes wrong in a run, and when: a list that is drawn before the run, so that it
// can be printed, cut down and run again. It does nothing; nemesis.ts does.
import type { Dice } from "./dice.ts";

export const faultKinds = [
  "kill",
  "power-cut",
  "crash-at-io",
  "stop",
  "pause",
  "isolate",
  "split",
  "divide",
  "cut-one-way",
  "break-connections",
  "slow-link",
  "slow-disk",
  "hung-disk",
  "failing-disk",
  "full-disk",
  "rot",
  "misdirect",
  "wipe-disk",
  "wall-jump",
  "transfer",
  "member-add",
  "member-remove",
  "member-replace",
  "member-update",
  "pause-client",
  "kill-client",
  "cut-client",
] as const;

/** Drawn by a rate each; `rot-beneath` is drawn by itself, so that it shifts no other. */
export type WeighedKind = (typeof faultKinds)[number];
export type FaultKind = WeighedKind | "rot-beneath";

/** A node by number from 1, counted round those that are there, or whoever leads when it happens. */
export type Target = number | "leader";

export interface Fault {
  readonly atMs: number;
  readonly kind: FaultKind;
  readonly target: Target;
  /** How long it lasts; of what ends a process, how long the process is away. */
  readonly forMs: number;
  /** Chooses among the variants of its kind. */
  readonly variant: number;
}

export function drawPlan(
  dice: Dice,
  drawn: {
    readonly nodes: number;
    readonly fromMs: number;
    readonly forMs: number;
    readonly gapMs: number;
    readonly weights: Readonly<Record<WeighedKind, number>>;
  },
): readonly Fault[] {
  const plan = [...drawWeighed(dice, drawn), ...drawRotBeneath(dice.fork("rot beneath"), drawn)];
  return plan.sort((one, other) => one.atMs - other.atMs);
}

/** Mostly of whoever leads: only who feeds others reads its newest snapshot. Not before there may be one. */
function drawRotBeneath(
  dice: Dice,
  drawn: { readonly nodes: number; readonly fromMs: number; readonly forMs: number },
): readonly Fault[] {
  if (!dice.chance(0.25)) return [];
  const atMs = drawn.fromMs + dice.between({ from: 0.3, to: 1 }) * drawn.forMs;
  const target = dice.chance(0.8) ? "leader" : 1 + dice.below(drawn.nodes);
  return [{ atMs, kind: "rot-beneath", target, forMs: dice.around(500), variant: dice.draw() }];
}

function drawWeighed(dice: Dice, drawn: Parameters<typeof drawPlan>[1]): readonly Fault[] {
  const plan: Fault[] = [];
  const sum = faultKinds.reduce((total, kind) => total + drawn.weights[kind], 0);
  if (sum === 0) return plan;
  const end = drawn.fromMs + drawn.forMs;
  for (let atMs = drawn.fromMs; ; ) {
    atMs += dice.around(drawn.gapMs);
    if (atMs >= end) return plan;
    const kind = drawKind(dice, drawn.weights, sum);
    const target = dice.chance(0.4) ? "leader" : 1 + dice.below(drawn.nodes);
    const shortMs = dice.chance(0.5) ? dice.around(300) : dice.around(1_500);
    // A client that is cut off or blocked for longer than its lease lives, and has lost what it holds.
    const isOfClient = kind === "cut-client" || kind === "pause-client";
    const drawnMs = isOfClient ? lostClientTimes * shortMs : shortMs;
    // What heals a process that is paused is that the pause ends.
    const isPause = kind === "pause" || kind === "pause-client";
    const forMs = isPause ? Math.min(drawnMs, end - atMs) : drawnMs;
    plan.push({ atMs, kind, target, forMs, variant: dice.draw() });
  }
}

function drawKind(
  dice: Dice,
  weights: Readonly<Record<WeighedKind, number>>,
  sum: number,
): WeighedKind {
  let left = dice.share() * sum;
  for (const kind of faultKinds) {
    left -= weights[kind];
    if (left < 0) return kind;
  }
  return "kill";
}

const lostClientTimes = 4;

export function faultText({ kind, target, forMs, variant }: Fault): string {
  const whom = target === "leader" ? "the leader" : `n${target}`;
  return `${kind} ${whom} for ${Math.round(forMs)} ms (${(variant >>> 16).toString(16)})`;
}
