// place.ts — where a job is to run: under its execution key, in the line for it, or beside all others. First it
// is seen where, and nothing changes; then it takes that place.
import { drawToken } from "../execution-key/grant.ts";
import { type Slot, slotFor, standInLine, takeSlot } from "../execution-key/slot.ts";
import { drawTicket } from "../execution-key/wait.ts";
import type { Partition } from "../partition/partition.ts";
import type { StartResult } from "../result.ts";
import type { Asking } from "../session/session.ts";
import type { Moment, State } from "../state.ts";
import type { JobStart, WantedKey } from "./job-start.ts";
import { beginRun } from "./runs.ts";

export interface Starting {
  readonly partition: Partition;
  readonly start: JobStart;
  readonly asking: Asking;
}

type NoPlace = Extract<Slot, { readonly kind: "none" }>;

export type Place =
  | { readonly kind: "beside-all" }
  | {
      readonly kind: "under-key";
      readonly wanted: WantedKey;
      readonly slot: Exclude<Slot, NoPlace>;
    };

export function placeFor(state: State, moment: Moment, starting: Starting): Place | NoPlace {
  const { partition } = starting;
  const wanted = starting.start.executionKey;
  if (wanted === undefined) return { kind: "beside-all" };
  const { key, onBusy } = wanted;
  const slot = slotFor(state, moment, { partition, key, onBusy });
  return slot.kind === "none" ? slot : { kind: "under-key", wanted, slot };
}

export function takePlace(
  state: State,
  moment: Moment,
  taking: { readonly starting: Starting; readonly place: Place },
): StartResult {
  const { starting, place } = taking;
  const { partition, asking } = starting;
  const { jobId, job } = starting.start;
  const { session } = asking;
  const begun = { partition, jobId, session, job };
  if (place.kind === "beside-all") {
    const token = drawToken(state);
    const ticket = drawTicket(state);
    beginRun(state, moment, { ...begun, executionKey: null, token, ticket });
    return { status: "started", token };
  }
  const { slot } = place;
  const { key, waitTimeoutMs } = place.wanted;
  const asker = { partition, key, owner: jobId, asking };
  if (slot.kind === "in-line") {
    return standInLine(state, moment, { ...asker, row: slot.row, job, waitTimeoutMs });
  }
  const { token } = takeSlot(state, moment, { ...asker, row: slot.row });
  const ticket = drawTicket(state);
  beginRun(state, moment, { ...begun, executionKey: key, token, ticket });
  return { status: "started", token };
}
