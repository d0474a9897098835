// grown-tokens.ts — judges tokens (I3): of one thing a later grant has a greater one, over all things a later revision has
// greater ones, and a token has one owner, at the resource outside, too. That took no write with less than it had taken:
// it takes none, so this is about the resource itself. What may be taken over is judged in ended-holds.ts.
import { isShared } from "../../simulation/hold-checks.ts";
import type { HeldLine, ResourceLine } from "../history/history-line.ts";
import type { Checked, PlacedFinding } from "./finding.ts";
import { grantInWords, type ToldGrant, toldGrants } from "./told-grants.ts";
import { groupedBy, heldInWords, seconds, type ToldHistory } from "./told-history.ts";

const notGrown = "a token does not grow with the grant (I3)";

export function checkTokens({ held, resource, told }: ToldHistory): Checked {
  const grants = toldGrants(told);
  const writes = groupedBy(resource, ({ thing }) => thing);
  const things = groupedBy(held, ({ thing }) => thing);
  const findings = [
    ...[...things].flatMap(([thing, its]) => (isShared(thing) ? [] : heldInOrder(its))),
    ...grantsInOrder(grants),
    ...[...writes.values()].flatMap(writesInOrder),
    ...ownersOfTokens(held, resource),
  ];
  const counts = { held: held.length, writes: resource.length, "grants told": grants.length };
  return { findings, counts };
}

/**
 * The revision is that at which its holder was told, while he held it. Of things that may be taken over it may be later
 * than the next grant; grants of one revision have an order that these lines do not know.
 */
function heldInOrder(lines: readonly HeldLine[]): readonly PlacedFinding[] {
  const ordered = [...lines].sort((one, other) => one.revision - other.revision);
  let greatest: HeldLine | undefined;
  const findings: PlacedFinding[] = [];
  for (const line of ordered) {
    if (greatest !== undefined && line.token < greatest.token && line.revision > greatest.revision)
      findings.push({
        property: notGrown,
        facts: [heldInWords(line), heldInWords(greatest)],
        at: line.at,
        where: line.thing,
      });
    if (greatest === undefined || line.token > greatest.token) greatest = line;
  }
  return findings;
}

/** Grants of one revision have an order that their events need not have. What was told before is no new grant. */
function grantsInOrder(grants: readonly ToldGrant[]): readonly PlacedFinding[] {
  const findings: PlacedFinding[] = [];
  const known = new Set<number>();
  let before: ToldGrant | undefined;
  for (const together of groupedBy(grants, ({ revision }) => String(revision)).values()) {
    const fresh = together.filter(({ token }) => !known.has(token));
    for (const grant of fresh) {
      known.add(grant.token);
      if (before === undefined || grant.token > before.token) continue;
      const facts = [grantInWords(grant), grantInWords(before)];
      findings.push({ property: notGrown, facts, where: grant.thing });
    }
    for (const grant of fresh) {
      if (before === undefined || grant.token > before.token) before = grant;
    }
  }
  return findings;
}

/** In the order in which the resource noted them. */
function writesInOrder(writes: readonly ResourceLine[]): readonly PlacedFinding[] {
  const findings: PlacedFinding[] = [];
  let greatest: ResourceLine | undefined;
  for (const write of writes) {
    if (!write.isTaken) continue;
    if (greatest !== undefined && write.token < greatest.token) {
      const facts = [writeInWords(write), writeInWords(greatest)];
      const property = "the resource took a write with a token lower than one before";
      findings.push({ property, facts, at: write.at, where: write.thing });
    } else {
      greatest = write;
    }
  }
  return findings;
}

interface TokenUse {
  readonly token: number;
  readonly owner: string;
  readonly says: string;
  readonly at: number;
  readonly thing: string;
}

/** A run has one token with its execution key, and one owner with it. */
function ownersOfTokens(
  held: readonly HeldLine[],
  writes: readonly ResourceLine[],
): readonly PlacedFinding[] {
  const uses: readonly TokenUse[] = [
    ...held.map((line) => ({ ...line, says: heldInWords(line) })),
    ...writes.map((line) => ({ ...line, says: writeInWords(line) })),
  ];
  const firsts = new Map<number, TokenUse>();
  const findings: PlacedFinding[] = [];
  for (const use of uses) {
    const first = firsts.get(use.token);
    if (first === undefined) firsts.set(use.token, use);
    else if (first.owner !== use.owner) {
      const facts = [use.says, first.says];
      const { at, thing: where } = use;
      findings.push({ property: "a token has two owners", facts, at, where });
    }
  }
  return findings;
}

function writeInWords({ at, isTaken, owner, thing, token }: ResourceLine): string {
  const became = isTaken ? "took" : "refused";
  return `resource  ${seconds(at)} s: ${became} a write of ${owner} to ${thing} with token ${token}`;
}
