// run.ts — the record of a job at work: in which session, with which token, under which keys (SEMANTICS §2).
// It lives by its session. Only runs.ts changes what lies in the table.
import type { FencingToken, JobId, Key, Selector, SessionId } from "../ids.ts";
import { fencingToken, jobId, key, selector, sessionId } from "../ids.ts";
import type { RunItem } from "../result.ts";
import { hashText } from "../table/hash.ts";
import type { Row, RowCodec } from "../table/row.ts";
import type { TableSpec } from "../table/table.ts";
import { readTags, writeTags } from "./job-start.ts";

export interface Run extends Row {
  readonly key: JobId;
  readonly session: SessionId;
  /** Of its key's holder, where it has a key. */
  readonly token: FencingToken;
  /** Smaller than that of all who wait for its key: who takes it over stands before them (I5). */
  readonly ticket: number;
  readonly queue: Selector;
  readonly executionKey: Key | null;
  /** That its finish frees. */
  readonly queueKey: Key | null;
  readonly tags: readonly string[];
  readonly sinceWallMs: number;
}

export function newRun(parts: Omit<Run, "hash">): Run {
  return { ...parts, hash: hashText(parts.scope, parts.key) };
}

export function runItem(run: Run): RunItem {
  const { key: id, session, token, queue, sinceWallMs: since, executionKey, queueKey, tags } = run;
  return {
    jobId: id,
    session,
    token,
    queue,
    since,
    ...(executionKey === null ? {} : { executionKey }),
    ...(queueKey === null ? {} : { queueKey }),
    ...(tags.length === 0 ? {} : { tags }),
  };
}

const codec: RowCodec<Run> = {
  write(row, writer) {
    writer.count(row.scope);
    writer.text(row.key);
    writer.count(row.session);
    writer.count(row.token);
    writer.count(row.ticket);
    writer.text(row.queue);
    writer.optionalText(row.executionKey);
    writer.optionalText(row.queueKey);
    writeTags(row.tags, writer);
    writer.count(row.sinceWallMs);
  },
  read(reader) {
    return newRun({
      scope: reader.count(),
      key: jobId(reader.name()),
      session: sessionId(reader.count()),
      token: fencingToken(reader.count()),
      ticket: reader.count(),
      queue: selector(reader.name()),
      executionKey: optionalKey(reader.optionalName()),
      queueKey: optionalKey(reader.optionalName()),
      tags: readTags(reader),
      sinceWallMs: reader.count(),
    });
  },
};

function optionalKey(name: string | null): Key | null {
  return name === null ? null : key(name);
}

export const runSpec: TableSpec<Run> = { name: "runs", version: 1, codec };
