// release-codec.ts — the arguments of an operator's forced release ↔ values of a log entry.
import {
  type PartitionId,
  type PartitionWrite,
  type Releasable,
  releasableKinds,
} from "@rogerd/global-state";
import { type FlatReader, type FlatValue, MalformedError } from "../flat-codec.ts";

type ReleaseWrite = Extract<PartitionWrite, { name: "admin.release" }>;

export const releaseNumber = 66;

/** In the order of their numbers in the log. */
const kinds: readonly Releasable[] = releasableKinds;

export function pushOfRelease(values: FlatValue[], { args }: ReleaseWrite): void {
  values.push(kinds.indexOf(args.kind), args.name);
}

/** Undefined: it is another command. */
export function readOfRelease(
  reader: FlatReader,
  number: number,
  partition: PartitionId,
): ReleaseWrite | undefined {
  if (number !== releaseNumber) return undefined;
  const kind = kinds[reader.count("kind")];
  if (kind === undefined) throw new MalformedError("what is released is of an unknown kind");
  const name = reader.text("name", { charactersMax: 2 ** 20 });
  return { name: "admin.release", partition, args: { kind, name } };
}
