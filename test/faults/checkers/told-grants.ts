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
  return [...seen.values()].filter(({ thing }) => !mayHaveSeveral(thing)).sort(inLogOrder);
}

/** Of such a key nobody can say which of its holders is new; any other one has one holder. */
export function mayHaveSeveral(thing: string): boolean {
  return thing.includes(" some-");
}

/** `key k1`, with all who have it after this event; undefined: it is about something else. */
export function holdersTold({
  event,
}: ToldLine): { readonly thing: string; readonly holders: readonly unknown[] } | undefined {
  const type = textOf(event, "type");
  if (type !== "executionKey.taken" && type !== "executionKey.changed") return undefined;
  const holders = fieldOf(fieldOf(event, "item"), "holders");
  if (!Array.isArray(holders)) return undefined;
  return { thing: `key ${textOf(event, "name") ?? ""}`, holders };
}

function grantsOf(line: ToldLine): readonly ToldGrant[] {
  const { event, n, revision } = line;
  const item = fieldOf(event, "item");
  const partition = textOf(event, "partition") ?? "";
  const at = { partition, revision, n, cause: textOf(event, "cause") ?? "" };
  if (textOf(event, "type") === "job.started") {
    const name = textOf(event, "name") ?? "";
    const token = numberOf(item, "token");
    return token === undefined ? [] : [{ ...at, thing: `job ${name}`, owner: name, token }];
  }
  const { holders = [], thing = "" } = holdersTold(line) ?? {};
  const [holder] = holders;
  const token = numberOf(holder, "token");
  const owner = textOf(holder, "owner") ?? "";
  return token === undefined || holders.length !== 1 ? [] : [{ ...at, thing, owner, token }];
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
