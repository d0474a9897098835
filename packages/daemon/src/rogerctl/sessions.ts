// sessions.ts — `sessions`: which programs have a session, what they have, and how long each lives if nothing
// more is heard of it.
import { type CommandForm, optionText } from "./command-form.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import type { CommandOutcome, Invocation } from "./invocation.ts";
import { listAll } from "./list.ts";
import { type Cell, renderTable } from "./print.ts";
import { printRead, staleOption } from "./printed-read.ts";
import { numberAt, textAt, type WireObject } from "./wire-value.ts";

export interface ListedSession {
  readonly session: number | null;
  readonly client: string;
  readonly ttlMs: number | null;
  readonly holds: number | null;
  readonly waits: number | null;
  readonly runs: number | null;
  /** Null: who answered does not lead, or does not count yet. */
  readonly leaseLeftMs: number | null;
}

export type Sessions =
  | {
      readonly kind: "listed";
      readonly sessions: readonly ListedSession[];
      readonly revision: number;
    }
  | Extract<CommandOutcome, { kind: "failed" }>;

export async function listSessions(
  invocation: Invocation,
  { prefix }: { readonly prefix: string },
): Promise<Sessions> {
  const listed = await listAll(invocation, { partition: undefined, kind: "sessions", prefix });
  if (listed.kind === "failed") return listed;
  const sessions = listed.items.map(readSession).sort(byNumber);
  return { kind: "listed", sessions, revision: listed.revisions.last };
}

async function sessions(
  invocation: Invocation,
  asked: { readonly prefix: string },
): Promise<ExitCode> {
  const listed = await listSessions(invocation, asked);
  if (listed.kind === "failed") return listed.exitCode;
  const { revision, sessions: found } = listed;
  printRead(invocation, {
    revision,
    json: { revision, sessions: found },
    text: () => (found.length === 0 ? "no sessions\n" : table(found)),
  });
  return exitCodes.done;
}

function readSession(item: WireObject): ListedSession {
  return {
    session: numberAt(item, "session") ?? null,
    client: textAt(item, "client") ?? "",
    ttlMs: numberAt(item, "ttlMs") ?? null,
    holds: numberAt(item, "holds") ?? null,
    waits: numberAt(item, "waits") ?? null,
    runs: numberAt(item, "runs") ?? null,
    leaseLeftMs: numberAt(item, "leaseLeftMs") ?? null,
  };
}

function byNumber(left: ListedSession, right: ListedSession): number {
  return (left.session ?? 0) - (right.session ?? 0);
}

function table(found: readonly ListedSession[]): string {
  return renderTable({
    head: ["SESSION", "CLIENT", "RUNS", "HOLDS", "WAITS", "LAST HEARD", "LEASE ENDS IN"],
    rows: found.map((each): readonly Cell[] => [
      each.session,
      each.client,
      each.runs,
      each.holds,
      each.waits,
      heardText(each),
      each.leaseLeftMs === null ? null : secondsText(each.leaseLeftMs),
    ]),
  });
}

/** A confirmed keepalive gives the full time-to-live: what is gone of it is since then. */
export function heardText({ leaseLeftMs, ttlMs }: ListedSession): string | null {
  if (leaseLeftMs === null || ttlMs === null) return null;
  return `${secondsText(Math.max(0, ttlMs - leaseLeftMs))} ago`;
}

export function secondsText(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

export const sessionsCommand: CommandForm = {
  words: ["sessions"],
  summary: "list the sessions of programs: what each has, and how long its lease lasts",
  options: [
    { flags: "--prefix <text>", description: "only of programs whose name begins so" },
    staleOption,
  ],
  examples: ["rogerctl sessions", "rogerctl sessions --prefix worker- -o json"],
  scope: "cluster",
  run: (invocation, given) => sessions(invocation, { prefix: optionText(given, "prefix") ?? "" }),
};
