// feature-level.ts — which rules hold from which index on (SEMANTICS §3, RAFT E8).
// Old entries must replay as they did: a change of behaviour gets the next level, which an entry
// raises once every member supports it. There is one level so far, and no entry that raises it.

export type FeatureLevel = 1;

export const featureLevel: FeatureLevel = 1;

/** A snapshot of a level that this program does not know can't be continued by it. */
export function isKnownFeatureLevel(level: number): level is FeatureLevel {
  return level === 1;
}
