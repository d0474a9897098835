// equal-states.ts — judges what is left at the end (I8): all nodes have applied the same entries, and have one state.
import type { Checked } from "./finding.ts";

export type StateHashes = ReadonlyMap<string, { readonly index: number; readonly hash: string }>;

export function checkConvergence(states: StateHashes, voters: number): Checked {
  const told = [...states].map(([node, { hash, index }]) => ({
    index,
    hash,
    says: `${node}  has applied up to ${index}: state ${hash}`,
  }));
  const facts = told.map(({ says }) => says);
  const indexes = new Set(told.map(({ index }) => index));
  const perIndex = new Set(told.map(({ hash, index }) => `${index} ${hash}`));
  const findings = [
    ...(perIndex.size > indexes.size ? ["nodes differ at one index (I8)"] : []),
    ...(states.size < voters ? ["a node is missing in the end (V22)"] : []),
    ...(indexes.size > 1 ? ["nodes do not come to one index (V22)"] : []),
  ].map((property) => ({ property, facts }));
  return { findings, counts: { nodes: states.size } };
}
