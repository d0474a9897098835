// queue-key-model.ts — one queue key for the linearizability checker (SEMANTICS §3): whose it is. Times to live are
// not in it: what came when a claim could have run out is left out before (object-answers.ts).
import type { Model } from "../../checkers/linearizability.ts";
import type { ClaimsAsks } from "../history/calls.ts";
import { fieldOf, textOf } from "./told-history.ts";

/** The job; null: it is free. */
type Owner = string | null;

interface Step {
  readonly next: Owner;
  readonly isRight: (answer: unknown) => boolean;
}

export const queueKeyModel: Model<Owner, ClaimsAsks, unknown> = {
  initial: null,
  identify: (owner) => JSON.stringify(owner),
  step(owner, asks, answer) {
    const { next, isRight } = stepOf(owner, asks);
    return answer === undefined || isRight(answer) ? next : "refuted";
  },
};

function stepOf(owner: Owner, asks: ClaimsAsks): Step {
  switch (asks.form) {
    case "claim":
      return claim(owner, asks);
    case "confirm":
    case "extend":
      return ofOwner(owner, asks.owner, owner);
    case "release":
      return ofOwner(owner, asks.owner, null);
    case "look":
      return { next: owner, isRight: (answer) => isOf(owner, answer) };
  }
}

type Claim = Extract<ClaimsAsks, { form: "claim" }>;

function claim(owner: Owner, { owner: mine, onConflict }: Claim): Step {
  if (owner === null || owner === mine) return { next: mine, isRight: says("claimed") };
  if (onConflict === "replace" || onConflict === "replaceAndCancel") {
    const isReplaced = (answer: unknown): boolean =>
      says("replaced")(answer) && isOf(owner, fieldOf(answer, "previous"));
    return { next: mine, isRight: isReplaced };
  }
  const isRight = (answer: unknown): boolean => says("duplicate")(answer) && isOf(owner, answer);
  return { next: owner, isRight };
}

/** Who is not the owner changes nothing, and is told whose it is. */
function ofOwner(owner: Owner, mine: string, next: Owner): Step {
  if (owner === mine) return { next, isRight: says("done") };
  const isRight = (answer: unknown): boolean => {
    const claimed = fieldOf(answer, "claim");
    const isHis = owner === null ? claimed === null : isOf(owner, claimed);
    return says("not_owner")(answer) && isHis;
  };
  return { next: owner, isRight };
}

function says(status: string): (answer: unknown) => boolean {
  return (answer) => textOf(answer, "status") === status;
}

function isOf(owner: Owner, standing: unknown): boolean {
  return fieldOf(standing, "owner") === owner;
}
