// answered.ts — the last answers of a session: same number, same answer (SEMANTICS §6; thesis §6.3).
// Answers are kept from the floor up, in pages of 64 numbers, so that keeping one touches little.
// Nothing is ever evicted: what no longer fits is refused, and not executed.
import { assert } from "../assert.ts";
import type { SessionId } from "../ids.ts";
import { sessionId } from "../ids.ts";
import type { Outcome } from "../result.ts";
import { DamagedSnapshotError } from "../snapshot/damaged-snapshot.ts";
import { hashNumber } from "../table/hash.ts";
import type { Row, RowCodec } from "../table/row.ts";
import type { Table, TableSpec } from "../table/table.ts";
import { readAnswer, writeAnswer } from "./answer-codec.ts";
import { answerSize } from "./answer-size.ts";
import type { Session } from "./session.ts";

export const answersPerPage = 64;

/** Answers of the numbers `key * 64` to `key * 64 + 63`; gone when it holds none. */
export interface AnswerPage extends Row {
  /** The session. */
  readonly scope: SessionId;
  readonly key: number;
  readonly answers: (Outcome | undefined)[];
  kept: number;
}

/** Where answers are kept: the slice of the state that is changed here. */
export interface KeptAnswers {
  readonly answerPages: Table<AnswerPage>;
  /** Of all sessions together. */
  answersBytes: number;
}

function pageOf(sequence: number): number {
  return Math.floor(sequence / answersPerPage);
}

function pageName(session: Session, page: number): Row {
  return { hash: hashNumber(session.key, page), scope: session.key, key: page };
}

function newPage(name: Row & { readonly scope: SessionId; readonly key: number }): AnswerPage {
  const answers = Array.from({ length: answersPerPage }, (): Outcome | undefined => undefined);
  return { hash: name.hash, scope: name.scope, key: name.key, answers, kept: 0 };
}

export function keptAnswer(
  pages: Table<AnswerPage>,
  call: { readonly session: Session; readonly sequence: number },
): Outcome | undefined {
  const page = pages.find(pageName(call.session, pageOf(call.sequence)));
  return page?.answers[call.sequence % answersPerPage];
}

export function keepAnswer(
  kept: KeptAnswers,
  call: { readonly session: Session; readonly sequence: number; readonly outcome: Outcome },
): void {
  const { session, sequence, outcome } = call;
  assert(sequence >= session.floor, "an answer is kept only from the floor up");
  const page = pageToChange(kept.answerPages, { session, key: pageOf(sequence) });
  const place = sequence % answersPerPage;
  assert(page.answers[place] === undefined, "a number is answered once");
  page.answers[place] = outcome;
  page.kept += 1;
  const size = answerSize(outcome);
  session.answersBytes += size;
  kept.answersBytes += size;
}

function pageToChange(
  pages: Table<AnswerPage>,
  wanted: { readonly session: Session; readonly key: number },
): AnswerPage {
  const name = pageName(wanted.session, wanted.key);
  const found = pages.find(name);
  if (found !== undefined) {
    pages.touch(found);
    return found;
  }
  const page = newPage({ hash: name.hash, scope: wanted.session.key, key: wanted.key });
  pages.insert(page);
  return page;
}

/**
 * Forgets the answers below `before`. At most `answersMax` numbers above the floor were ever
 * accepted, so the work is bounded, however far the floor leaps.
 */
export function dropAnswers(
  kept: KeptAnswers,
  range: { readonly session: Session; readonly before: number; readonly answersMax: number },
): void {
  const { session } = range;
  const end = Math.min(range.before, session.floor + range.answersMax);
  for (let key = pageOf(session.floor); key * answersPerPage < end; key++) {
    const page = kept.answerPages.find(pageName(session, key));
    if (page !== undefined) dropFromPage(kept, { page, session, before: end });
  }
}

function dropFromPage(
  kept: KeptAnswers,
  drop: { readonly page: AnswerPage; readonly session: Session; readonly before: number },
): void {
  const { page, session } = drop;
  kept.answerPages.touch(page);
  const start = page.key * answersPerPage;
  const places = Math.min(answersPerPage, drop.before - start);
  for (let place = 0; place < places; place++) {
    const outcome = page.answers[place];
    if (outcome === undefined) continue;
    const size = answerSize(outcome);
    session.answersBytes -= size;
    kept.answersBytes -= size;
    page.answers[place] = undefined;
    page.kept -= 1;
  }
  if (page.kept === 0) kept.answerPages.remove(page);
}

const codec: RowCodec<AnswerPage> = {
  write(row, writer) {
    writer.count(row.scope);
    writer.count(row.key);
    writer.count(row.kept);
    for (const [place, outcome] of row.answers.entries()) {
      if (outcome === undefined) continue;
      writer.byte(place);
      writeAnswer(outcome, writer);
    }
  },
  read(reader) {
    const scope = sessionId(reader.count());
    const key = reader.count();
    const page = newPage({ hash: hashNumber(scope, key), scope, key });
    page.kept = reader.count();
    let last = -1;
    for (let left = page.kept; left > 0; left--) {
      const place = reader.byte();
      if (place <= last || place >= answersPerPage) {
        throw new DamagedSnapshotError("answers lie in the order of their numbers");
      }
      page.answers[place] = readAnswer(reader);
      last = place;
    }
    if (page.kept === 0) throw new DamagedSnapshotError("a page holds an answer");
    return page;
  },
};

export const answerPageSpec: TableSpec<AnswerPage> = { name: "answers", version: 1, codec };
