// given.ts — what users give, looked at before anything is done with it: not all of them have a compiler, and what
// a frame can't carry would never be answered. What a command makes of its arguments is the daemon's.
import { changesState, requestMismatch } from "@rogerd/protocol";
import { timeoutMsMax } from "./deadlines.ts";
import { InvalidArgumentError } from "./errors.ts";

const labelBytesMax = 512;

export function wrongGiven(path: string, reason: string): InvalidArgumentError {
  return new InvalidArgumentError({ message: `${path} ${reason}`, path });
}

/** Undefined: a frame can carry it. */
export function unsendable(asked: {
  readonly command: string;
  readonly partition: string | undefined;
  readonly args: Readonly<Record<string, unknown>>;
}): InvalidArgumentError | undefined {
  const wrong = requestMismatch(asked);
  return wrong === undefined ? undefined : wrongGiven(wrong.path, wrong.reason);
}

/** A write that is sent as a read has no number, and would be executed once more by each retry. */
export function checkAsk(
  kind: "write" | "read" | "stale-read",
  question: { readonly command: string; readonly args: Readonly<Record<string, unknown>> },
): void {
  checkObject("question", question);
  const { args, command } = question;
  checkObject("args", args);
  if (kind === "write" || !changesState({ command, args })) return;
  throw wrongGiven("command", `${command} changes the state: it is for write(), not for read()`);
}

/** What things are named by here, long before they are sent. */
export function checkTexts(texts: Readonly<Record<string, unknown>>): void {
  for (const [path, text] of Object.entries(texts)) {
    if (typeof text === "string") continue;
    throw wrongGiven(path, text === undefined ? "is missing" : "must be a text");
  }
}

export function checkChoice(path: string, given: unknown, choices: readonly string[]): void {
  if (choices.some((choice) => choice === given)) return;
  throw wrongGiven(path, `must be one of ${choices.join(", ")}`);
}

export function checkSignal(signal: unknown): void {
  if (signal === undefined) return;
  // Not by its class: another realm has another one.
  const isSignal = typeof signal === "object" && signal !== null && "aborted" in signal;
  if (!isSignal || !("addEventListener" in signal)) {
    throw wrongGiven("signal", "must be an AbortSignal");
  }
}

/** What is sent is what is left of it: none, and it would be over before it was asked for. */
export function checkWait(
  waitTimeoutMs: unknown,
  { isPatient }: { readonly isPatient: boolean },
): void {
  if (waitTimeoutMs === undefined) return;
  if (!isPatient) throw wrongGiven("args.waitTimeoutMs", "is of no use: nothing is waited for");
  const isDuration = typeof waitTimeoutMs === "number" && waitTimeoutMs > 0;
  if (isDuration) return;
  throw wrongGiven("args.waitTimeoutMs", "must be a number of milliseconds above 0");
}

/** Of the options of a call that has some which can't be left out. */
export function checkOptions(options: unknown): void {
  checkObject("options", options);
}

export function checkObject(path: string, given: unknown): Readonly<Record<string, unknown>> {
  if (isObject(given)) return given;
  throw wrongGiven(path, given === undefined ? "is missing" : "must be an object");
}

function isObject(given: unknown): given is Readonly<Record<string, unknown>> {
  return typeof given === "object" && given !== null && !Array.isArray(given);
}

export function checkText(
  path: string,
  given: unknown,
  { lengthMax }: { readonly lengthMax: number },
): void {
  if (typeof given !== "string") throw wrongGiven(path, "must be a text");
  if (given.length > lengthMax) throw wrongGiven(path, `must have at most ${lengthMax} characters`);
}

/** What a session is called by, and who did something (SEMANTICS §2). */
export function checkLabel(path: string, given: unknown): void {
  checkText(path, given, { lengthMax: labelBytesMax });
  const label = String(given);
  if (/\p{Cc}|\p{Surrogate}/u.test(label)) {
    throw wrongGiven(path, "must be well-formed text without control characters");
  }
  if (new TextEncoder().encode(label).length <= labelBytesMax) return;
  throw wrongGiven(path, `must have at most ${labelBytesMax} bytes`);
}

export function checkWhole(
  path: string,
  given: unknown,
  { min, max }: { readonly min: number; readonly max: number },
): void {
  const isWithin = Number.isSafeInteger(given) && Number(given) >= min && Number(given) <= max;
  if (!isWithin) throw wrongGiven(path, `must be a whole number from ${min} to ${max}`);
}

export function checkedTimeout(path: string, given: unknown): number {
  if (typeof given === "number" && given > 0 && given <= timeoutMsMax) return given;
  throw wrongGiven(path, `must be a number of milliseconds above 0, at most ${timeoutMsMax}`);
}

/** What a job asks about a queue key of its own. */
export function ownedKey(
  key: string,
  options: { readonly owner: string },
): { readonly key: string; readonly owner: string } {
  checkOptions(options);
  return { key, owner: options.owner };
}

/** As a frame carries it. */
export function millisOf(path: string, date: Date): number {
  const millis = date instanceof Date ? date.getTime() : Number.NaN;
  if (Number.isNaN(millis)) throw wrongGiven(path, "must be a valid Date");
  return millis;
}
