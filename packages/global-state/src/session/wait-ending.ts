// wait-ending.ts — how a wait ended, remembered with the session under the number of the call that waited,
// until the floor passes that number (SEMANTICS §4.9): a push may be lost. At most as many as answers.
import { unreachable } from "../assert.ts";
import type { SessionId } from "../ids.ts";
import { fencingToken, sessionId } from "../ids.ts";
import type { WaitEnding } from "../notice.ts";
import { DamagedSnapshotError } from "../snapshot/damaged-snapshot.ts";
import type { Reader } from "../snapshot/reader.ts";
import type { State } from "../state.ts";
import { hashNumber } from "../table/hash.ts";
import type { Row, RowCodec } from "../table/row.ts";
import type { TableSpec } from "../table/table.ts";
import type { Session } from "./session.ts";

export interface RememberedEnding extends Row {
  /** The session. */
  readonly scope: SessionId;
  /** The number of the call. */
  readonly key: number;
  readonly ticket: number;
  readonly ending: WaitEnding;
}

function nameOf(session: SessionId, sequence: number): Row {
  return { hash: hashNumber(session, sequence), scope: session, key: sequence };
}

/** Not of a call whose client has given it up. */
export function rememberEnding(
  state: State,
  ended: {
    readonly session: Session;
    readonly sequence: number;
    readonly ticket: number;
    readonly ending: WaitEnding;
  },
): void {
  const { session, sequence, ticket, ending } = ended;
  if (sequence < session.floor) return;
  const { hash } = nameOf(session.key, sequence);
  state.waitEndings.insert({ hash, scope: session.key, key: sequence, ticket, ending });
  session.waitEndings += 1;
}

/** Numbers below `before`: with as many numbers as a session may use, the work is bounded. */
export function forgetEndings(
  state: State,
  range: { readonly session: Session; readonly before: number },
): void {
  const { session } = range;
  const end = Math.min(range.before, session.floor + state.limits.answersMax);
  for (let sequence = session.floor; sequence < end && session.waitEndings > 0; sequence++) {
    const found = state.waitEndings.find(nameOf(session.key, sequence));
    if (found === undefined) continue;
    state.waitEndings.remove(found);
    session.waitEndings -= 1;
  }
}

/** In the order of their numbers. As many numbers are asked for as a session may use, at most. */
export function* endingsFrom(
  state: State,
  from: { readonly session: Session; readonly after: number },
): Generator<RememberedEnding, undefined> {
  const { session, after } = from;
  const end = session.floor + state.limits.answersMax;
  let left = session.waitEndings;
  for (let sequence = session.floor; sequence < end && left > 0; sequence++) {
    const found = state.waitEndings.find(nameOf(session.key, sequence));
    if (found === undefined) continue;
    left -= 1;
    if (sequence > after) yield found;
  }
  return undefined;
}

/** Numbers in the snapshot; never reused. */
const forms = {
  granted: 1,
  cancelled: 2,
  timedOut: 3,
  started: 4,
  paused: 5,
  takenOver: 6,
  dropped: 7,
} as const;

const codec: RowCodec<RememberedEnding> = {
  write(row, writer) {
    writer.count(row.scope);
    writer.count(row.key);
    writer.count(row.ticket);
    switch (row.ending.kind) {
      case "granted":
        writer.byte(forms.granted);
        return writer.count(row.ending.token);
      case "started":
        writer.byte(forms.started);
        return writer.count(row.ending.token);
      case "cancelled":
        return writer.byte(forms.cancelled);
      case "paused":
        return writer.byte(forms.paused);
      case "timed_out":
        return writer.byte(forms.timedOut);
      case "dropped":
        return writer.byte(forms.dropped);
      case "taken_over":
        return writer.byte(forms.takenOver);
      default:
        return unreachable(row.ending);
    }
  },
  read(reader) {
    const scope = sessionId(reader.count());
    const key = reader.count();
    const ticket = reader.count();
    return { hash: hashNumber(scope, key), scope, key, ticket, ending: readEnding(reader) };
  },
};

function readEnding(reader: Reader): WaitEnding {
  switch (reader.byte()) {
    case forms.granted:
      return { kind: "granted", token: fencingToken(reader.count()) };
    case forms.started:
      return { kind: "started", token: fencingToken(reader.count()) };
    case forms.cancelled:
      return { kind: "cancelled" };
    case forms.paused:
      return { kind: "paused" };
    case forms.timedOut:
      return { kind: "timed_out" };
    case forms.dropped:
      return { kind: "dropped" };
    case forms.takenOver:
      return { kind: "taken_over" };
    default:
      throw new DamagedSnapshotError("a wait ended in an unknown way");
  }
}

export const waitEndingSpec: TableSpec<RememberedEnding> = {
  name: "waitEndings",
  version: 1,
  codec,
};
