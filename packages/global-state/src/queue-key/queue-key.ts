// queue-key.ts — the record that says "no second job with this key may be queued" (SEMANTICS §2), and
// the claim of the job that owns it. Roger's form knows no owner: such a key has no claim and no end.
// Only queue-keys.ts changes a record that lies in its table.
import type { Deadline } from "../deadlines.ts";
import type { JobId, Key, LogTimeMs } from "../ids.ts";
import { jobId, key, logTimeMs } from "../ids.ts";
import { nameIn, type Partition } from "../partition/partition.ts";
import type { QueueKeyItem, QueueKeyStanding } from "../result.ts";
import { DamagedSnapshotError } from "../snapshot/damaged-snapshot.ts";
import type { Reader } from "../snapshot/reader.ts";
import type { Writer } from "../snapshot/writer.ts";
import { hashText } from "../table/hash.ts";
import type { Row, RowCodec } from "../table/row.ts";
import type { TableSpec } from "../table/table.ts";

export interface QueueKey extends Row {
  readonly key: Key;
  claim: Claim | null;
  /** Of the owner that it has now. */
  sinceWallMs: number;
}

export interface Claim {
  readonly owner: JobId;
  readonly standing: ClaimStanding;
  /** Undefined: it lasts until it is released. */
  readonly end: ClaimEnd | undefined;
}

export type ClaimStanding =
  /** Its owner may not have queued its job yet; `ttlMs` begins when it confirms. */
  | { readonly kind: "provisional"; readonly ttlMs: number | undefined }
  | { readonly kind: "confirmed" };

/** What waits among the deadlines; it has the name of its key. */
export interface ClaimEnd extends Deadline {
  readonly kind: "queueKey";
  readonly key: Key;
  /** About when that is, as the leader's clock said; for showing. */
  readonly wallMs: number;
}

export function newQueueKey(parts: {
  readonly partition: Partition;
  readonly key: Key;
  readonly claim: Claim | null;
  readonly sinceWallMs: number;
}): QueueKey {
  const { hash, scope } = nameIn(parts.partition, parts.key);
  return { hash, scope, key: parts.key, claim: parts.claim, sinceWallMs: parts.sinceWallMs };
}

export function newClaimEnd(
  name: Row & { readonly key: Key },
  at: { readonly expiresAt: LogTimeMs; readonly wallMs: number },
): ClaimEnd {
  const { hash, scope, key: named } = name;
  const { expiresAt, wallMs } = at;
  return { hash, scope, key: named, kind: "queueKey", expiresAt, wallMs, place: -1 };
}

export function queueKeyItem({ key: named, claim, sinceWallMs: since }: QueueKey): QueueKeyItem {
  if (claim === null) return { key: named, owner: null, since };
  const provisional = claim.standing.kind === "provisional";
  const expiresAt = claim.end?.wallMs ?? null;
  return { key: named, owner: claim.owner, since, expiresAt, provisional };
}

export function queueKeyStanding({ claim, sinceWallMs: since }: QueueKey): QueueKeyStanding {
  if (claim === null) return { owner: null, since };
  return { owner: claim.owner, since, expiresAt: claim.end?.wallMs ?? null };
}

/** What no owner has, is written as it was before there were owners. */
const codec: RowCodec<QueueKey> = {
  write(row, writer) {
    const { claim } = row;
    writer.count(row.scope);
    writer.text(row.key);
    writer.optionalText(claim === null ? null : claim.owner);
    writer.count(row.sinceWallMs);
    if (claim !== null) writeClaim(claim, writer);
  },
  read(reader) {
    const scope = reader.count();
    const named = key(reader.name());
    const owner = reader.optionalName();
    const sinceWallMs = reader.count();
    const name = { hash: hashText(scope, named), scope, key: named };
    const claim = owner === null ? null : readClaim(reader, { name, owner: jobId(owner) });
    return { ...name, claim, sinceWallMs };
  },
};

/** Numbers in the snapshot; never reused. */
const standings = { confirmed: 0, provisional: 1, provisionalWithTtl: 2 } as const;

function writeClaim({ standing, end }: Claim, writer: Writer): void {
  if (standing.kind === "confirmed") {
    writer.byte(standings.confirmed);
  } else if (standing.ttlMs === undefined) {
    writer.byte(standings.provisional);
  } else {
    writer.byte(standings.provisionalWithTtl);
    writer.count(standing.ttlMs);
  }
  writer.byte(end === undefined ? 0 : 1);
  if (end === undefined) return;
  writer.count(end.expiresAt);
  writer.count(end.wallMs);
}

function readClaim(
  reader: Reader,
  parts: { readonly name: Row & { readonly key: Key }; readonly owner: JobId },
): Claim {
  const standing = readStanding(reader);
  if (!reader.flag()) {
    if (standing.kind === "provisional") {
      throw new DamagedSnapshotError("a provisional claim has an end");
    }
    return { owner: parts.owner, standing, end: undefined };
  }
  const expiresAt = logTimeMs(reader.count());
  const end = newClaimEnd(parts.name, { expiresAt, wallMs: reader.count() });
  return { owner: parts.owner, standing, end };
}

function readStanding(reader: Reader): ClaimStanding {
  switch (reader.byte()) {
    case standings.confirmed:
      return confirmed;
    case standings.provisional:
      return { kind: "provisional", ttlMs: undefined };
    case standings.provisionalWithTtl:
      return { kind: "provisional", ttlMs: reader.count() };
    default:
      throw new DamagedSnapshotError("a claim has an unknown standing");
  }
}

export const confirmed: ClaimStanding = { kind: "confirmed" };

export const queueKeySpec: TableSpec<QueueKey> = { name: "queueKeys", version: 1, codec };
