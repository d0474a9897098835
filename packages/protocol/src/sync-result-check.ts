// sync-result-check.ts — is this decoded value what `session.sync` can answer? Part of result-check.ts.
import type {
  CancelMarkItem,
  PauseItem,
  Synced,
  SyncedEnding,
  SyncedHold,
  SyncedRun,
  SyncedWait,
} from "@rogerd/global-state";
import { checkCancelMark } from "./cancel-mark-check.ts";
import { checkRun } from "./job-result-check.ts";
import { checkPause } from "./pause-check.ts";
import { isCount, isMap, isText, Mismatch, mismatch, type PlainMap } from "./plain-value.ts";
import { checkEnding } from "./push-check.ts";
import { each, isAbsent, isSessionId, textLengthMax } from "./result-fields.ts";

export function checkSynced(value: PlainMap): Synced | Mismatch {
  const { session, next } = value;
  if (!isSessionId(session)) return mismatch("result.session", "must be a whole number from 1");
  const endings = each(value["endings"], "result.endings", checkSyncedEnding);
  if (endings instanceof Mismatch) return endings;
  const waits = each(value["waits"], "result.waits", checkSyncedWait);
  if (waits instanceof Mismatch) return waits;
  const holds = each(value["holds"], "result.holds", checkSyncedHold);
  if (holds instanceof Mismatch) return holds;
  const runs = each(value["runs"], "result.runs", checkSyncedRun);
  if (runs instanceof Mismatch) return runs;
  const all = { status: "synced", session, endings, waits, holds, runs } as const;
  if (isAbsent(next)) return { ...all, next: null };
  if (!isText(next, textLengthMax)) return mismatch("result.next", "must be a text or null");
  return { ...all, next };
}

function checkSyncedEnding(value: unknown): SyncedEnding | Mismatch {
  if (!isMap(value)) return mismatch("ending", "must be a map");
  const { seq, ticket } = value;
  if (!isCount(seq)) return mismatch("seq", "must be a whole number");
  if (!isCount(ticket)) return mismatch("ticket", "must be a whole number");
  const ending = checkEnding(value["ending"]);
  return ending instanceof Mismatch ? ending : { seq, ticket, ending };
}

function checkSyncedWait(value: unknown): SyncedWait | Mismatch {
  if (!isMap(value)) return mismatch("wait", "must be a map");
  const { seq, ticket, to } = value;
  const named = checkNamed(value);
  if (named instanceof Mismatch) return named;
  if (!isCount(seq)) return mismatch("seq", "must be a whole number");
  if (!isCount(ticket)) return mismatch("ticket", "must be a whole number");
  if (to !== "hold" && to !== "start") return mismatch("to", "must be hold or start");
  return { ...named, seq, ticket, to };
}

function checkSyncedHold(value: unknown): SyncedHold | Mismatch {
  if (!isMap(value)) return mismatch("hold", "must be a map");
  const { token } = value;
  const named = checkNamed(value);
  if (named instanceof Mismatch) return named;
  return isCount(token) ? { ...named, token } : mismatch("token", "must be a whole number");
}

function checkNamed({
  partition,
  key,
  owner,
}: PlainMap): Pick<SyncedHold, "partition" | "key" | "owner"> | Mismatch {
  if (!isText(partition, textLengthMax)) return mismatch("partition", "must be a text");
  if (!isText(key, textLengthMax)) return mismatch("key", "must be a text");
  if (!isText(owner, textLengthMax)) return mismatch("owner", "must be a text");
  return { partition, key, owner };
}

function checkSyncedRun(value: unknown): SyncedRun | Mismatch {
  if (!isMap(value)) return mismatch("run", "must be a map");
  const { partition, mark, pause } = value;
  if (!isText(partition, textLengthMax)) return mismatch("partition", "must be a text");
  const run = checkRun(value);
  if (run instanceof Mismatch) return run;
  const marked = checkIfThere(mark, "mark", checkCancelMark);
  if (marked instanceof Mismatch) return marked;
  const paused = checkIfThere(pause, "pause", checkPause);
  if (paused instanceof Mismatch) return paused;
  return {
    ...run,
    partition,
    ...(marked === undefined ? {} : { mark: marked }),
    ...(paused === undefined ? {} : { pause: paused }),
  };
}

function checkIfThere<Item extends CancelMarkItem | PauseItem>(
  value: unknown,
  path: string,
  check: (value: PlainMap) => Item | Mismatch,
): Item | undefined | Mismatch {
  if (isAbsent(value)) return undefined;
  const checked = isMap(value) ? check(value) : mismatch(path, "must be a map");
  return checked instanceof Mismatch ? checked.within(path) : checked;
}
