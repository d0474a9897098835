// sync-session.ts — `session.sync`: all that a session has in the state: how its waits ended, what it waits
// for, what it holds and runs (SEMANTICS §4.9). In pages, each at its own revision: what changes between
// two of them is pushed in between, so that a page never has to look back. What is in a partition that is dropped
// counts as gone, whether its record is gone already or not. Changes nothing.
import { markItem } from "../cancel/cancel-mark.ts";
import { findMark } from "../cancel/marks.ts";
import { type Decision, sessionExpired } from "../decision.ts";
import { holderWith } from "../execution-key/execution-key.ts";
import type { SessionId } from "../ids.ts";
import { type Run, runItem } from "../job/run.ts";
import { partitionNumbered } from "../partition/partitions.ts";
import { pauseItem } from "../pause/pause.ts";
import { pauseInForce } from "../pause/pauses.ts";
import type { Synced, SyncedEnding, SyncedHold, SyncedRun, SyncedWait } from "../result.ts";
import type { State } from "../state.ts";
import { type Session, sessionName } from "./session.ts";
import { type SyncPlace, writeSyncCursor } from "./sync-cursor.ts";
import { endingsFrom } from "./wait-ending.ts";

export interface AskedSync {
  readonly session: SessionId;
  /** Undefined: from the beginning. */
  readonly from: SyncPlace | undefined;
}

/** A page is full when what it says weighs so much: with the longest names it still fits a frame. */
export const syncWeightMax = 1_024;
/** Three names. */
const lightWeight = 1;
/** Up to sixteen tags, and who wants it to stop and why. */
const runWeight = 12;

type Piece =
  | { readonly section: "endings"; readonly number: number; readonly item: SyncedEnding }
  /** An ending: of a wait in a partition that is dropped, whose record is still to go. */
  | { readonly section: "waits"; readonly number: number; readonly item: SyncedWait | SyncedEnding }
  | { readonly section: "holds"; readonly number: number; readonly item: SyncedHold }
  | { readonly section: "runs"; readonly number: number; readonly item: SyncedRun };

export function syncSession(state: State, asked: AskedSync): Decision {
  const session = state.sessions.find(sessionName(asked.session));
  if (session === undefined || session.ending !== "no") return sessionExpired(asked.session);
  const page: Page = { endings: [], waits: [], holds: [], runs: [] };
  let weight = 0;
  let last: Piece | undefined;
  for (const piece of piecesOf(state, session, asked.from)) {
    weight += piece.section === "runs" ? runWeight : lightWeight;
    if (weight > syncWeightMax && last !== undefined) {
      return synced(session, page, writeSyncCursor({ section: last.section, after: last.number }));
    }
    addTo(page, piece);
    last = piece;
  }
  return synced(session, page, null);
}

interface Page {
  readonly endings: SyncedEnding[];
  readonly waits: SyncedWait[];
  readonly holds: SyncedHold[];
  readonly runs: SyncedRun[];
}

function synced(session: Session, page: Page, next: string | null): Synced {
  return { status: "synced", session: session.key, ...page, next };
}

function addTo(page: Page, piece: Piece): void {
  if (piece.section === "endings") page.endings.push(piece.item);
  else if (piece.section === "waits") addWait(page, piece.item);
  else if (piece.section === "holds") page.holds.push(piece.item);
  else page.runs.push(piece.item);
}

function addWait(page: Page, item: SyncedWait | SyncedEnding): void {
  if ("ending" in item) page.endings.push(item);
  else page.waits.push(item);
}

/**
 * Endings before waits, and these before what they may become: what goes on from one to the next between two
 * pages is seen again rather than not at all.
 */
function* piecesOf(
  state: State,
  session: Session,
  from: SyncPlace | undefined,
): Generator<Piece, undefined> {
  const section = from?.section ?? "endings";
  const after = from?.after ?? -1;
  switch (section) {
    case "endings":
      yield* endingPieces(state, session, after);
      yield* waitPieces(state, session, -1);
      yield* holdPieces(state, session, -1);
      return yield* runPieces(state, session, -1);
    case "waits":
      yield* waitPieces(state, session, after);
      yield* holdPieces(state, session, -1);
      return yield* runPieces(state, session, -1);
    case "holds":
      yield* holdPieces(state, session, after);
      return yield* runPieces(state, session, -1);
    default:
      return yield* runPieces(state, session, after);
  }
}

function* endingPieces(state: State, session: Session, after: number): Generator<Piece, undefined> {
  for (const { key: seq, ticket, ending } of endingsFrom(state, { session, after })) {
    yield { section: "endings", number: seq, item: { seq, ticket, ending } };
  }
  return undefined;
}

/** In the order in which they came to the session: another one than that of the tickets. */
function* waitPieces(state: State, session: Session, after: number): Generator<Piece, undefined> {
  for (const waiter of session.waits.values()) {
    const { arrival: number, scope, executionKey: key, owner, sequence: seq, key: ticket } = waiter;
    if (number <= after) continue;
    const partition = partitionNumbered(state, scope);
    if (partition.dropping === undefined) {
      const to = waiter.job === null ? "hold" : "start";
      const item = { partition: partition.key, key, owner, seq, ticket, to } as const;
      yield { section: "waits", number, item };
    } else if (seq >= session.floor) {
      yield { section: "waits", number, item: { seq, ticket, ending: { kind: "dropped" } } };
    }
  }
  return undefined;
}

/** What a run holds is said with the run. */
function* holdPieces(state: State, session: Session, after: number): Generator<Piece, undefined> {
  for (const [token, row] of session.holds) {
    const { owner } = holderWith(row, token);
    if (token <= after || session.runs.has(token) || owner === null) continue;
    const partition = partitionNumbered(state, row.scope);
    if (partition.dropping !== undefined) continue;
    const item = { partition: partition.key, key: row.key, owner, token };
    yield { section: "holds", number: token, item };
  }
  return undefined;
}

function* runPieces(state: State, session: Session, after: number): Generator<Piece, undefined> {
  for (const [token, run] of session.runs) {
    if (token <= after || partitionNumbered(state, run.scope).dropping !== undefined) continue;
    yield { section: "runs", number: token, item: syncedRun(state, run) };
  }
  return undefined;
}

/** What it was told, and may not have heard: that it is cancelled, or that its queue is to stop. */
function syncedRun(state: State, run: Run): SyncedRun {
  const partition = partitionNumbered(state, run.scope);
  const mark = findMark(state, { partition, jobId: run.key });
  const pause = pauseInForce(partition, run.queue);
  return {
    ...runItem(run),
    partition: partition.key,
    ...(mark === undefined ? {} : { mark: markItem(mark) }),
    ...(pause?.mode === "stop" ? { pause: pauseItem(pause) } : {}),
  };
}
