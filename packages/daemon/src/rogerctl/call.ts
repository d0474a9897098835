// call.ts — one request to the cluster, whoever leads it: tries endpoints in turn, follows the leader,
// repeats what may be repeated until the deadline, and then says what is known.
// Never guesses: a write that may have been executed ends as `not-known`, not as a failure.
import type { ErrorObject } from "@rogerd/protocol";
import { type Answer, readAnswer } from "./answer.ts";
import { type Endpoint, httpUrl, parseEndpoint } from "./endpoints.ts";
import type { HttpOutcome, Surroundings } from "./surroundings.ts";
import type { WireObject } from "./wire-value.ts";

export type CallOutcome =
  | { readonly kind: "answered"; readonly body: WireObject }
  | { readonly kind: "refused"; readonly error: ErrorObject }
  /** Certainly not executed; `reason` is the last thing we heard. */
  | { readonly kind: "unavailable"; readonly reason: string }
  | { readonly kind: "not-known"; readonly reason: string };

export interface Call {
  readonly path: string;
  readonly body: WireObject;
  /**
   * `read`: nothing is changed. `write`: carries its number, so it is executed once however often it is
   * sent. `once`: carries none; it is not sent again after it may have arrived.
   */
  readonly repetition: "read" | "write" | "once";
}

/** Who answered last: the next call of the same command goes there first, not to a node that is frozen. */
export class LastAnswer {
  endpoint: Endpoint | undefined;
  /** The newest that this command was shown; 0: none yet. Its next stale read is not answered from an older one. */
  revision = 0;

  orderOf(endpoints: readonly Endpoint[]): readonly Endpoint[] {
    if (this.endpoint === undefined) return endpoints;
    return [this.endpoint, ...endpoints.filter((endpoint) => endpoint !== this.endpoint)];
  }
}

export interface Callers {
  readonly surroundings: Surroundings;
  readonly endpoints: readonly Endpoint[];
  readonly lastAnswer: LastAnswer;
  readonly credential: string | undefined;
  /** On the monotonic clock of the surroundings. */
  readonly deadline: number;
  /** Whoever waits for the answer does not any more: nothing more is sent. */
  readonly hasStopped?: () => boolean;
}

/** So that one frozen node does not eat the whole deadline. */
const attemptMsMax = 3_000;
const firstPauseMs = 50;
const pauseMsMax = 500;
const redirectsMax = 3;
/** When nobody at all can be reached, waiting for the deadline helps nobody. */
const emptyRoundsMax = 3;

export function headersWith(credential: string | undefined): Record<string, string> {
  return credential === undefined ? {} : { authorization: `Bearer ${credential}` };
}

export async function callCluster(callers: Callers, call: Call): Promise<CallOutcome> {
  const { surroundings, deadline, lastAnswer } = callers;
  const endpoints = lastAnswer.orderOf(callers.endpoints);
  let mayHaveHappened = false;
  let reason = "no endpoint was asked";
  // What a rogerd said of the cluster says more than which other one is not there.
  let isSaidByRogerd = false;
  let emptyRounds = 0;
  for (let round = 0; ; round += 1) {
    let heardOfRogerd = false;
    for (const endpoint of endpoints) {
      const isOver = surroundings.monotonicNow() >= deadline || callers.hasStopped?.() === true;
      if (isOver) return givenUp({ mayHaveHappened, reason });
      const answer = await askFollowingTheLeader(callers, call, endpoint);
      if (answer.kind === "result") return { kind: "answered", body: answer.body };
      if (answer.kind === "final-error") return { kind: "refused", error: answer.error };
      const isOfRogerd = answer.kind === "try-again" || answer.kind === "open";
      if (isOfRogerd || !isSaidByRogerd) reason = answer.reason;
      isSaidByRogerd ||= isOfRogerd;
      heardOfRogerd ||= isOfRogerd;
      mayHaveHappened ||= answer.kind === "open" && call.repetition !== "read";
      if (mayHaveHappened && call.repetition === "once")
        return givenUp({ mayHaveHappened, reason });
    }
    emptyRounds = heardOfRogerd ? 0 : emptyRounds + 1;
    if (emptyRounds > 0) isSaidByRogerd = false;
    if (emptyRounds >= emptyRoundsMax && !mayHaveHappened)
      return givenUp({ mayHaveHappened, reason });
    await pause(surroundings, { round, deadline });
  }
}

function givenUp(known: {
  readonly mayHaveHappened: boolean;
  readonly reason: string;
}): CallOutcome {
  return { kind: known.mayHaveHappened ? "not-known" : "unavailable", reason: known.reason };
}

async function pause(
  surroundings: Surroundings,
  { round, deadline }: { readonly round: number; readonly deadline: number },
): Promise<void> {
  const wanted = Math.min(firstPauseMs * 2 ** Math.min(round, 10), pauseMsMax);
  const left = deadline - surroundings.monotonicNow();
  if (left > 0) await surroundings.sleep(Math.min(wanted, left));
}

/** A follower says where the leader is; two that point at each other are left after a few rounds. */
async function askFollowingTheLeader(
  callers: Callers,
  call: Call,
  endpoint: Endpoint,
): Promise<Exclude<Answer, { kind: "elsewhere" }>> {
  let url = httpUrl(endpoint, call.path);
  let answer = await ask(callers, call, url);
  for (let redirects = 0; answer.kind === "elsewhere"; redirects += 1) {
    if (redirects >= redirectsMax)
      return { kind: "try-again", reason: "the nodes disagree about who leads" };
    url = answer.url;
    answer = await ask(callers, call, url);
    // The leader it knew is gone: others may know the next one.
    if (answer.kind === "nobody") return { kind: "try-again", reason: answer.reason };
  }
  return answer;
}

async function ask(callers: Callers, call: Call, url: string): Promise<Answer> {
  const left = callers.deadline - callers.surroundings.monotonicNow();
  if (left <= 0) return { kind: "try-again", reason: "the time was over" };
  const outcome: HttpOutcome = await callers.surroundings.exchange({
    method: "POST",
    url,
    headers: { "content-type": "application/json", ...headersWith(callers.credential) },
    body: JSON.stringify(call.body),
    timeoutMs: Math.min(left, attemptMsMax),
  });
  const answer = readAnswer(outcome, url);
  if (answer.kind === "result") callers.lastAnswer.endpoint = parseEndpoint(url);
  return answer;
}
