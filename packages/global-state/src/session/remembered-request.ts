// remembered-request.ts — answers for those without a session (SEMANTICS §6): the same requestId gets
// the same answer for ten minutes of log time. A full table refuses; it does not forget early.
import type { LogTimeMs } from "../ids.ts";
import { logTimeMs } from "../ids.ts";
import type { Outcome } from "../result.ts";
import { hashText } from "../table/hash.ts";
import type { Row, RowCodec } from "../table/row.ts";
import type { TableSpec } from "../table/table.ts";
import { readAnswer, writeAnswer } from "./answer-codec.ts";

export interface RememberedRequest extends Row {
  readonly key: string;
  readonly kind: "request";
  readonly outcome: Outcome;
  expiresAt: LogTimeMs;
  place: number;
}

export function requestName(requestId: string): Row {
  return { hash: hashText(0, requestId), scope: 0, key: requestId };
}

export function newRememberedRequest(parts: {
  readonly requestId: string;
  readonly outcome: Outcome;
  readonly expiresAt: LogTimeMs;
}): RememberedRequest {
  return {
    hash: hashText(0, parts.requestId),
    scope: 0,
    key: parts.requestId,
    kind: "request",
    outcome: parts.outcome,
    expiresAt: parts.expiresAt,
    place: -1,
  };
}

const codec: RowCodec<RememberedRequest> = {
  write(row, writer) {
    writer.text(row.key);
    writer.count(row.expiresAt);
    writeAnswer(row.outcome, writer);
  },
  read(reader) {
    const requestId = reader.name();
    const expiresAt = logTimeMs(reader.count());
    return newRememberedRequest({ requestId, expiresAt, outcome: readAnswer(reader) });
  },
};

export const rememberedRequestSpec: TableSpec<RememberedRequest> = {
  name: "requests",
  version: 1,
  codec,
};
