// damage.ts — how damage is told to the operator: one message in whole sentences, with what is
// damaged and where, whether it may have been acknowledged, and the one command to run (E4.3, E4.4).
import { type Configuration, isSoleVoter } from "../core/configuration.ts";
import type { NodeId } from "../core/ids.ts";
import { DamagedDataError } from "./storage.ts";

export interface Damage {
  /** A clause: what is wrong. */
  readonly what: string;
  readonly file: string;
  readonly offset?: number;
  /** The first log index that is concerned, where it is known. */
  readonly index?: number;
  /**
   * `cut`: a group of one may go on with what comes before. `rejoin`: nothing here can be kept.
   * `newer`: nothing is lost, this program is too old.
   */
  readonly remedy: "cut" | "rejoin" | "newer";
}

export interface DamagedNode {
  /** Of the data folder, or of a part of it. */
  readonly directory: string;
  readonly nodeId: NodeId;
  /** The newest that was read before the damage. */
  readonly configuration: Configuration | undefined;
}

export function damagedDataError(damage: Damage, known: DamagedNode): DamagedDataError {
  return new DamagedDataError(`${whereSentence(damage)} ${remedySentence(damage, known)}`);
}

function whereSentence(damage: Damage): string {
  const place = damage.offset === undefined ? "" : ` at byte ${damage.offset}`;
  const index = damage.index === undefined ? "" : ` (log index ${damage.index})`;
  return `The data of this node can't be used: in ${damage.file}${place}${index} ${damage.what}.`;
}

function remedySentence(damage: Damage, known: DamagedNode): string {
  const folder = dataFolderOf(known.directory);
  if (damage.remedy === "newer") {
    return "Nothing is lost: start this folder with the version of rogerd that wrote it, or a later one.";
  }
  const may = "What stood there may have been acknowledged, so the node does not start without it.";
  if (isOnlyVoter(known)) {
    return damage.remedy === "cut"
      ? `${may} No other node has it; to go on without it, run: rogerd recover ${folder} --accept-tail-loss`
      : `${may} No other node has it: put the files back as they were. If that can't be, all is lost; to begin anew with nothing, run: rogerd recover ${folder} --rejoin`;
  }
  const others =
    known.configuration === undefined
      ? "Unless it was alone (then only a backup has it), the other nodes have it;"
      : "The other nodes have it;";
  return `${may} ${others} run: rogerd recover ${folder} --rejoin`;
}

/** Its word alone is the cluster's. */
export function isOnlyVoter(known: Pick<DamagedNode, "configuration" | "nodeId">): boolean {
  const { configuration, nodeId } = known;
  return configuration !== undefined && isSoleVoter(configuration, nodeId);
}

/** From `DATA/group-0/wal` or `DATA/group-0/snapshots` to `DATA`; other folders stay as they are. */
export function dataFolderOf(directory: string): string {
  return directory.replace(/\/group-\d+\/(?:wal|snapshots)$/, "");
}
