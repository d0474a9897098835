// given.ts — what users give, looked at before anything is done with it: not all of them have a compiler, and what
// a frame can't carry would never be answered. What a command makes of its arguments is the daemon's.
import { requestMismatch } from "@rogerd/protocol";
import { InvalidArgumentError } from "./errors.ts";

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
export function checkWait(waitTimeoutMs: unknown): void {
  if (waitTimeoutMs === undefined) return;
  const isDuration = typeof waitTimeoutMs === "number" && waitTimeoutMs > 0;
  if (isDuration) return;
  throw wrongGiven("args.waitTimeoutMs", "must be a number of milliseconds above 0");
}

/** Of the options of a call that has some which can't be left out. */
export function checkOptions(options: unknown): void {
  if (typeof options === "object" && options !== null) return;
  throw wrongGiven("options", options === undefined ? "are missing" : "must be an object");
}

/** As a frame carries it. */
export function millisOf(path: string, date: Date): number {
  const millis = date instanceof Date ? date.getTime() : Number.NaN;
  if (Number.isNaN(millis)) throw wrongGiven(path, "must be a valid Date");
  return millis;
}
