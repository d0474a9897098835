// recover.ts — the two ways out of damage, both chosen by an operator, both offline (E4.4).
import type { NodeId } from "../core/ids.ts";
import type { DataFolder } from "./data-folder.ts";
import type { ProcessFacts } from "./folder-lock.ts";

/** What was done, in sentences for the operator. */
export interface RecoveryReport {
  readonly lines: readonly string[];
}

/** It would not help, or is not allowed here; `message` says why and what to do instead. */
export class RecoveryRefusedError extends Error {
  override readonly name = "RecoveryRefusedError";
}

/** Sets the group's data aside into `DATA/set-aside-<n>/` and makes the folder a new, unbound node. */
export function recoverRejoin(
  _folder: DataFolder & { readonly process: ProcessFacts; readonly newNodeId: NodeId },
): Promise<RecoveryReport> {
  return Promise.reject(new Error("not built yet"));
}

/** Only for a group of one voter: cuts the log after the last valid batch before the damage. */
export function recoverAcceptTailLoss(
  _folder: DataFolder & { readonly process: ProcessFacts },
): Promise<RecoveryReport> {
  return Promise.reject(new Error("not built yet"));
}
