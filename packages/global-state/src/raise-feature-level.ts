// raise-feature-level.ts — `admin.raiseFeatureLevel`: from this entry on the rules of that level hold. It
// touches no row: what an earlier level made is encoded as it was.
import { changed, type Decision, unchanged } from "./decision.ts";
import type { FeatureLevel } from "./feature-level.ts";
import type { State } from "./state.ts";

export function raiseFeatureLevel(state: State, level: FeatureLevel): Decision {
  if (level <= state.featureLevel) return unchanged;
  state.featureLevel = level;
  return changed;
}
