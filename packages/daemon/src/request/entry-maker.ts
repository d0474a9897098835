// entry-maker.ts — submissions become the payload of one entry, with the leader's log time of this very
// moment (SEMANTICS §5). It keeps nothing: an entry that is not proposed leaves no trace.
import type { Submission } from "@rogerd/global-state";
import { encodeEntry } from "../state/command-codec.ts";
import type { EntryMaker, StampSource } from "./surroundings.ts";

export function entryMaker(clock: StampSource): EntryMaker {
  return {
    makeEntry: (submissions: readonly Submission[]) => {
      const stamp = clock.stamp();
      return stamp === undefined ? undefined : encodeEntry({ ...stamp, submissions });
    },
  };
}
