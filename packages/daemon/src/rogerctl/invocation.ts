// invocation.ts — what every command is given, and how it speaks to the cluster within its one deadline.
// Never prints a result: that is each command's own; failures are told here, in one way for all.
import type { ErrorObject } from "@rogerd/protocol";
import { type Callers, type CallOutcome, callCluster, type LastAnswer } from "./call.ts";
import type { Endpoint } from "./endpoints.ts";
import { type ExitCode, exitCodeOf, exitCodes } from "./exit-codes.ts";
import type { Surroundings } from "./surroundings.ts";
import { typedName } from "./typed-name.ts";
import { numberAt, objectAt, textAt, type WireObject } from "./wire-value.ts";

export interface Invocation {
  readonly surroundings: Surroundings;
  readonly endpoints: readonly Endpoint[];
  readonly lastAnswer: LastAnswer;
  readonly credential: string | undefined;
  readonly timeoutMs: number;
  readonly deadline: number;
  readonly output: "table" | "json";
  /** `stale`: any node may answer, from what it has. */
  readonly reading: "newest" | "stale";
  readonly partition: string | undefined;
  readonly by: string;
}

export interface Command {
  readonly command: string;
  /** Undefined: a command of the whole cluster. */
  readonly partition: string | undefined;
  readonly args: WireObject;
  readonly repetition: "read" | "write";
  /** What it means here that the partition is not started. */
  readonly notStarted?: "stopped" | "absent";
}

export type CommandOutcome =
  | { readonly kind: "result"; readonly revision: number; readonly result: WireObject }
  /** Told already; only the code is left. */
  | { readonly kind: "failed"; readonly exitCode: ExitCode };

/** A write gets its number here, once, and keeps it however often it is sent (SEMANTICS §6). */
export async function runCommand(
  invocation: Invocation,
  command: Command,
): Promise<CommandOutcome> {
  return settle(invocation, command, await askCluster(invocation, command));
}

/** What came of it, before anybody is told. */
export function askCluster(invocation: Invocation, command: Command): Promise<CallOutcome> {
  const { partition, args, repetition } = command;
  const { lastAnswer, reading } = invocation;
  const requestId =
    repetition === "write" ? { requestId: invocation.surroundings.newRequestId() } : {};
  const isStaleRead = repetition === "read" && reading === "stale";
  const revisionMin = isStaleRead ? { revisionMin: lastAnswer.revision } : {};
  return callCluster(callersOf(invocation), {
    path: "/v1/command",
    body: {
      ...(partition === undefined ? {} : { partition }),
      command: command.command,
      args,
      ...requestId,
      ...revisionMin,
    },
    repetition,
  });
}

/** Tells what went wrong; takes out what did not. */
export function settle(
  invocation: Invocation,
  command: Command,
  outcome: CallOutcome,
): CommandOutcome {
  const { lastAnswer } = invocation;
  if (outcome.kind === "refused" && outcome.error.code === "not_started") {
    invocation.surroundings.say(`rogerctl: ${whyNotStarted(command)}`);
    return { kind: "failed", exitCode: exitCodeOf(outcome.error) };
  }
  if (outcome.kind !== "answered")
    return { kind: "failed", exitCode: explain(invocation, outcome) };
  const revision = numberAt(outcome.body, "revision");
  const result = objectAt(outcome.body, "result");
  if (revision === undefined || result === undefined)
    return unreadable(invocation, command.command);
  lastAnswer.revision = Math.max(lastAnswer.revision, revision);
  return { kind: "result", revision, result };
}

function whyNotStarted({ partition = "", notStarted }: Command): string {
  if (notStarted === "absent") {
    return `there is no partition ${partition}; rogerctl partition list shows which there are`;
  }
  const state = notStarted === "stopped" ? "is stopped" : "is not started";
  return `partition ${partition} ${state}; start it with rogerctl partition start ${partition}`;
}

export function callersOf(invocation: Invocation): Callers {
  const { surroundings, endpoints, lastAnswer, credential, deadline } = invocation;
  return { surroundings, endpoints, lastAnswer, credential, deadline };
}

/** An answer in a shape that we don't know: the daemon is of another version. */
export function unreadable(
  invocation: Invocation,
  what: string,
): { readonly kind: "failed"; readonly exitCode: ExitCode } {
  invocation.surroundings.say(
    `rogerctl: the answer to ${what} is in a shape this version does not know; compare with rogerctl version`,
  );
  return { kind: "failed", exitCode: exitCodes.failed };
}

/** One sentence on stderr for everything that is not an answer. */
export function explain(
  invocation: Invocation,
  outcome: Exclude<CallOutcome, { kind: "answered" }>,
): ExitCode {
  const { surroundings } = invocation;
  if (outcome.kind === "refused") {
    surroundings.say(`rogerctl: ${sentenceOf(outcome.error)}`);
    return exitCodeOf(outcome.error);
  }
  if (outcome.kind === "unavailable") {
    surroundings.say(
      `rogerctl: the cluster is unavailable, and nothing was changed (${outcome.reason})`,
    );
    return exitCodes.unavailable;
  }
  surroundings.say(
    `rogerctl: whether it was done is not known (${outcome.reason}); look, then repeat the command if it is still wanted`,
  );
  return exitCodes.notKnown;
}

function sentenceOf(error: ErrorObject): string {
  if (error.code === "unauthenticated") {
    return `${error.message}; give --credential or set ROGERCTL_CREDENTIAL`;
  }
  const { path, message } = error;
  if (path === undefined) return message;
  const said = message.startsWith(path) ? message.slice(path.length) : `: ${message}`;
  return `${typedName(path)}${said}`;
}

/** Wrong use is told like every other failure: one sentence, one code. */
export function usageError(invocation: Invocation, sentence: string): ExitCode {
  invocation.surroundings.say(`rogerctl: ${sentence}`);
  return exitCodes.usage;
}

export function statusOf(result: WireObject): string | undefined {
  return textAt(result, "status");
}
