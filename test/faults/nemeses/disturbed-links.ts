// disturbed-links.ts — a strike on links: these ways get this rule, and lose it again. Only one strike at a time
// may be on links (schedule.ts), as who heals forgets whatever rule there is.
import type { HostName, LinkRule } from "../hosts/hosts.ts";
import type { Stage, Strike } from "./nemesis.ts";

export interface Way {
  readonly from: HostName;
  readonly to: HostName;
}

export async function disturbLinks(
  { hosts }: Stage,
  what: {
    readonly ways: readonly Way[];
    readonly rule: LinkRule;
    readonly says: string;
    readonly whom: readonly string[];
  },
): Promise<Strike> {
  const { says, whom } = what;
  // No clients' machine asks another.
  const ways = what.ways.filter(({ from, to }) => hosts.nodes.has(from) || hosts.nodes.has(to));
  await Promise.all(ways.map((way) => hosts.link(way, what.rule)));
  return {
    says,
    whom,
    heal: async () => {
      await Promise.all(ways.map((way) => hosts.link(way, {})));
    },
  };
}

export const cut: LinkRule = { isCut: true };

export function bothWays(here: readonly HostName[], there: readonly HostName[]): readonly Way[] {
  return [...oneWay(here, there), ...oneWay(there, here)];
}

export function oneWay(from: readonly HostName[], to: readonly HostName[]): readonly Way[] {
  return from.flatMap((one) =>
    to.filter((other) => other !== one).map((other) => ({ from: one, to: other })),
  );
}

export function without(names: readonly HostName[], ...gone: readonly HostName[]): string[] {
  return names.filter((name) => !gone.includes(name));
}
