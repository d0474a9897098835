// told-grants.ts — the grants that watches were told of: who got which key or job, with which token, at which place of
// the log. Each once, whoever was told of it, in the order of the log.
import type { ToldLine } from "../history/history-line.ts";
import { fieldOf, numberOf, textOf } from "./told-history.ts";

export interface ToldGrant {
  /** `key k1`, `job j-1`. */
  readonly thing: string;
  readonly partition: string;
  readonly owner: string;
  readonly token: number;
  readonly revision: number;
  readonly n: number;
  /** The command that did it. */
  readonly cause: string;
}

export function toldGrants(told: readonly ToldLine[]): readonly ToldGrant[] {
  const seen = new Map<string, ToldGrant>();
  for (const line of told) {
    for (const grant of grantsOf(line)) {
      const { partition, revision, n, thing, token } = grant;
      seen.set(`${revision} ${n} ${partition} ${thing} ${token}`, grant);
    }
  }
  const shared = new Set(
    told.filter(hasSeveral).map(({ event }) => `key ${textOf(event, "name")}`),
  );
  return [...seen.values()].filter(({ thing }) => !shared.has(thing)).sort(inLogOrder);
}

/** Of a key that several may hold nobody can say which of them is new. */
function hasSeveral({ event }: ToldLine): boolean {
  const holders = fieldOf(fieldOf(event, "item"), "holders");
  return Array.isArray(holders) && holders.length > 1;
}

function grantsOf({ event, n, revision }: ToldLine): readonly ToldGrant[] {
  const type = textOf(event, "type");
  const name = textOf(event, "name") ?? "";
  const item = fieldOf(event, "item");
  const partition = textOf(event, "partition") ?? "";
  const at = { partition, revision, n, cause: textOf(event, "cause") ?? "" };
  if (type === "job.started") {
    const token = numberOf(item, "token");
    return token === undefined ? [] : [{ ...at, thing: `job ${name}`, owner: name, token }];
  }
  if (type !== "executionKey.taken" && type !== "executionKey.changed") return [];
  const holders = fieldOf(item, "holders");
  if (!Array.isArray(holders) || holders.length !== 1) return [];
  const token = numberOf(holders[0], "token");
  const owner = textOf(holders[0], "owner") ?? "";
  return token === undefined ? [] : [{ ...at, thing: `key ${name}`, owner, token }];
}

export function inLogOrder(
  one: { readonly revision: number; readonly n: number },
  other: { readonly revision: number; readonly n: number },
): number {
  return one.revision - other.revision || one.n - other.n;
}

export function grantInWords({ owner, revision, n, thing, token }: ToldGrant): string {
  return `a watch was told at revision ${revision}, ${n}: ${owner} got ${thing} with token ${token}`;
}
