// bucket.ts — a few rows that are looked through, encoded and compared together.
// The order of rows inside is nobody's business: it is made canonical when it is encoded.
import type { Writer } from "../snapshot/writer.ts";
import { compareRows, type Row, type RowCodec } from "./row.ts";

export const digestBytes = 32;

/** The rows of a bucket as bytes, behind a place for their digest. Never changed once hashed. */
export interface Image {
  /** `digestBytes` for the digest, then the rows. */
  readonly bytes: Uint8Array;
  readonly rows: number;
  isHashed: boolean;
}

export interface Bucket<Kind extends Row> {
  /** The hashes of `rows`, place by place: most look-ups touch nothing else. */
  readonly hashes: number[];
  readonly rows: Kind[];
  /** As of now; undefined since the last change. */
  image: Image | undefined;
}

export function emptyBucket<Kind extends Row>(): Bucket<Kind> {
  return { hashes: [], rows: [], image: undefined };
}

/** −1 when it is not there. Imaging does not reorder rows, so a place stays until the next change. */
export function placeOf<Kind extends Row>(bucket: Bucket<Kind>, wanted: Row): number {
  const { hashes, rows } = bucket;
  let at = hashes.indexOf(wanted.hash);
  while (at >= 0) {
    const row = rows[at];
    if (row !== undefined && row.key === wanted.key && row.scope === wanted.scope) return at;
    at = hashes.indexOf(wanted.hash, at + 1);
  }
  return -1;
}

export function pushRow<Kind extends Row>(bucket: Bucket<Kind>, row: Kind): void {
  bucket.hashes.push(row.hash);
  bucket.rows.push(row);
}

/** The last row takes the place of the removed one. */
export function removeRowAt<Kind extends Row>(bucket: Bucket<Kind>, at: number): void {
  const lastHash = bucket.hashes.pop();
  const lastRow = bucket.rows.pop();
  if (at === bucket.rows.length || lastHash === undefined || lastRow === undefined) return;
  bucket.hashes[at] = lastHash;
  bucket.rows[at] = lastRow;
}

/** The image of the bucket as it is, made now unless nothing has changed since the last one. */
export function imageOf<Kind extends Row>(
  bucket: Bucket<Kind>,
  means: { readonly codec: RowCodec<Kind>; readonly writer: Writer },
): Image {
  if (bucket.image !== undefined) return bucket.image;
  const { codec, writer } = means;
  const rows = sortedRows(bucket);
  writer.reset(digestBytes);
  writer.count(rows.length);
  for (const row of rows) codec.write(row, writer);
  bucket.image = { bytes: writer.take(), rows: rows.length, isHashed: false };
  return bucket.image;
}

export function sortedRows<Kind extends Row>(bucket: Bucket<Kind>): readonly Kind[] {
  return bucket.rows.length < 2 ? bucket.rows : bucket.rows.slice().sort(compareRows);
}
