// queue-key-model.ts — one queue key for the linearizability checker (SEMANTICS §3): whose it is. Times to live are
// not in it: keys whose claims could have run out are left out before (object-answers.ts).
import type { Model } from "../../checkers/linearizability.ts";
import { fieldOf, textOf } from "./told-history.ts";

type Asks = Readonly<Record<string, unknown>>;

/** `free`, or of whom it is: `=` and the job; `roger`: of nobody, by Roger's form. */
type Owner = string;

const free: Owner = "free";
const ownerless: Owner = "roger";

interface Step {
  readonly next: Owner;
  readonly isRight: (answer: unknown) => boolean;
}

export const queueKeyModel: Model<Owner, Asks, unknown> = {
  initial: free,
  identify: (owner) => owner,
  step(owner, asks, answer) {
    const step = stepOf(owner, asks);
    if (step === undefined) return "refuted";
    return answer === undefined || step.isRight(answer) ? step.next : "refuted";
  },
};

/** What the model can judge. */
export const modelledCommands: ReadonlySet<string> = new Set([
  "queueKey.claim",
  "queueKey.confirm",
  "queueKey.extend",
  "queueKey.release",
  "roger.isQueued",
  "roger.removeQueued",
  "get",
]);

function stepOf(owner: Owner, asks: Asks): Step | undefined {
  switch (asks["command"]) {
    case "queueKey.claim":
      return claim(owner, asks);
    case "queueKey.confirm":
    case "queueKey.extend":
      return ofOwner(owner, asks, owner);
    case "queueKey.release":
      return ofOwner(owner, asks, free);
    case "roger.isQueued": {
      const isRight = (answer: unknown) => fieldOf(answer, "before") === (owner !== free);
      const next = asks["add"] === true && owner === free ? ownerless : owner;
      return { next, isRight };
    }
    case "roger.removeQueued":
      return { next: free, isRight: (answer) => textOf(answer, "status") === "ok" };
    case "get":
      return { next: owner, isRight: (answer) => isOf(owner, fieldOf(answer, "item")) };
    default:
      return undefined;
  }
}

function claim(owner: Owner, asks: Asks): Step {
  const mine = named(asks["owner"]);
  const isClaimed = (answer: unknown) => textOf(answer, "status") === "claimed";
  if (owner === free || owner === mine) return { next: mine, isRight: isClaimed };
  if (asks["onConflict"] === "replace" || asks["onConflict"] === "replaceAndCancel") {
    const isReplaced = (answer: unknown) =>
      textOf(answer, "status") === "replaced" && isOf(owner, fieldOf(answer, "previous"));
    return { next: mine, isRight: isReplaced };
  }
  const isDuplicate = (answer: unknown) =>
    textOf(answer, "status") === "duplicate" && isOf(owner, answer);
  return { next: owner, isRight: isDuplicate };
}

/** Who is not the owner changes nothing, and is told whose it is. */
function ofOwner(owner: Owner, asks: Asks, next: Owner): Step {
  if (owner === named(asks["owner"]))
    return { next, isRight: (answer) => textOf(answer, "status") === "done" };
  const isRight = (answer: unknown) =>
    textOf(answer, "status") === "not_owner" && isOf(owner, fieldOf(answer, "claim"));
  return { next: owner, isRight };
}

function named(jobId: unknown): Owner {
  return `=${String(jobId)}`;
}

/** A standing as an answer shows it; a client that hands out less of it is judged by what it says. */
function isOf(owner: Owner, standing: unknown): boolean {
  if (standing === undefined) return true;
  if (standing === null) return owner === free;
  const said = fieldOf(standing, "owner");
  if (said === undefined) return owner !== free;
  return said === null ? owner === ownerless : owner === named(said);
}
