// backup-file.ts — the form of a backup file: one line of JSON that says what it is, the state as a run of
// checksummed chunks (as on disk and between nodes), and 32 bytes of SHA-256 over all before them.
// `head -n 1 FILE` shows what it holds.
import { isMap } from "../http/json-body.ts";

export const backupFormat = 1;
export const sumBytes = 32;
/** The line, its end included. */
export const headerBytesMax: number = 16 * 1024;

export interface BackupHeader {
  readonly clusterId: string;
  /** All that was acknowledged up to here is in it, and nothing later. */
  readonly revision: number;
  readonly term: number;
  /** ISO-8601 UTC, by the clock of the node that made it. */
  readonly createdAt: string;
  readonly node: string;
  /** Of the rogerd that made it. */
  readonly version: string;
}

/** A running SHA-256. */
export interface Sum {
  add(bytes: Uint8Array): void;
  /** Of all that was added. */
  value(): Uint8Array;
}

const mark = { rogerd: "backup", format: backupFormat };

export function headerLine(header: BackupHeader): Uint8Array {
  const { clusterId, revision, term, createdAt, node, version } = header;
  const line = { ...mark, clusterId, revision, term, createdAt, node, version };
  return new TextEncoder().encode(`${JSON.stringify(line)}\n`);
}

export type ReadHeader =
  | { readonly kind: "header"; readonly header: BackupHeader }
  /** As the end of a sentence that begins with the name of the file. */
  | { readonly kind: "wrong"; readonly what: string };

export function readHeaderLine(value: unknown): ReadHeader {
  if (!isMap(value) || value["rogerd"] !== mark.rogerd) {
    return { kind: "wrong", what: "is no backup of a rogerd" };
  }
  if (value["format"] !== mark.format) {
    const what = `has format ${String(value["format"])}; this rogerctl reads format ${mark.format}`;
    return { kind: "wrong", what };
  }
  const header = readHeader(value);
  if (header === undefined) return { kind: "wrong", what: "has a first line that makes no sense" };
  return { kind: "header", header };
}

/** Undefined: a field is missing or of another type. */
export function readHeader(value: Readonly<Record<string, unknown>>): BackupHeader | undefined {
  const { clusterId, revision, term, createdAt, node, version } = value;
  if (typeof clusterId !== "string" || typeof createdAt !== "string") return undefined;
  if (typeof node !== "string" || typeof version !== "string") return undefined;
  if (typeof revision !== "number" || typeof term !== "number") return undefined;
  return { clusterId, revision, term, createdAt, node, version };
}
