// watch-request.ts — what a `watch` asks for, checked: which events, and from where on. What it names is
// not looked up: a partition or key may come to be.
import { type EventKind, eventKinds, type StateEvent } from "@rogerd/global-state";
import { isCount, type Request } from "@rogerd/protocol";
import type { EventPlace } from "./event-ring.ts";

export interface WatchWish {
  readonly partition: string | undefined;
  /** Kinds (`queueKey`) and types (`queueKey.taken`); undefined: all. */
  readonly types: ReadonlySet<string> | undefined;
  readonly prefix: string;
  /** Undefined: from now on. */
  readonly from: EventPlace | undefined;
}

export type ParsedWatch =
  | { readonly kind: "watch"; readonly wish: WatchWish }
  | { readonly kind: "invalid"; readonly path: string; readonly reason: string };

const typesMax = 32;
const textMax = 512;

const invalid = (path: string, reason: string): ParsedWatch => ({ kind: "invalid", path, reason });

export function parseWatch({ args, partition, ...request }: Request): ParsedWatch {
  const { seq, requestId, revisionMin } = request;
  for (const [path, value] of Object.entries({ seq, requestId, revisionMin })) {
    if (value !== undefined) return invalid(path, "is of no use: a watch is in no log");
  }
  const { types, prefix = "", from, ...others } = args;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) return invalid(`args.${unknown}`, "is unknown");
  if (typeof prefix !== "string" || prefix.length > textMax) {
    return invalid("args.prefix", `must be a text of at most ${textMax} characters`);
  }
  if (types !== undefined && !isTypes(types)) {
    return invalid(
      "args.types",
      `must be a list of 1 to ${typesMax} kinds (${eventKinds.join(", ")}) or types of them`,
    );
  }
  const place = from === undefined ? undefined : placeOf(from);
  if (place === "wrong") {
    return invalid("args.from", "must be a revision, and an n where some of it was seen");
  }
  const wanted = types === undefined ? undefined : new Set(types);
  return { kind: "watch", wish: { partition, types: wanted, prefix, from: place } };
}

function isTypes(value: unknown): value is readonly string[] {
  if (!Array.isArray(value) || value.length < 1 || value.length > typesMax) return false;
  return value.every((type) => typeof type === "string" && isKind(kindOf(type)));
}

function isKind(kind: string): kind is EventKind {
  return eventKinds.some((known) => known === kind);
}

function kindOf(type: string): string {
  const dot = type.indexOf(".");
  return dot < 0 ? type : type.slice(0, dot);
}

/** Without an `n` all of the revision was seen, as after a list. */
const allOfIt = Number.MAX_SAFE_INTEGER;

/** The last revision of which all was seen: of the one that a watch stopped in the rest may be missing. */
export function seenThrough({ from }: WatchWish): number | undefined {
  if (from === undefined || from.n === allOfIt) return from?.revision;
  return from.revision - 1;
}

function placeOf(value: unknown): EventPlace | "wrong" {
  if (typeof value !== "object" || value === null || !("revision" in value)) return "wrong";
  const { revision } = value;
  const n = "n" in value && value.n !== null ? value.n : allOfIt;
  return isCount(revision) && isCount(n) ? { revision, n } : "wrong";
}

/** A partition's own comings and goings belong to who watches it. */
export function isWished({ partition, prefix, types }: WatchWish, event: StateEvent): boolean {
  if (partition !== undefined && !isOf(partition, event)) return false;
  if (types !== undefined && !types.has(event.type) && !types.has(kindOf(event.type))) return false;
  return event.name.startsWith(prefix);
}

function isOf(partition: string, event: StateEvent): boolean {
  if (event.partition === partition) return true;
  return kindOf(event.type) === "partition" && event.name === partition;
}
