// check-cancelled.ts — is it cancelled? and, by Roger's form 3, consume the answer (SEMANTICS §1).
import { type Decision, member } from "../decision.ts";
import type { JobId } from "../ids.ts";
import type { Partition } from "../partition/partition.ts";
import type { Result } from "../result.ts";
import type { State } from "../state.ts";
import { markItem, moveMark } from "./cancel-mark.ts";
import { ruleItem } from "./cancel-rule.ts";
import { cancelledBy } from "./cancelled-by.ts";
import { findMark, removeMark } from "./marks.ts";

interface Asked {
  readonly partition: Partition;
  readonly jobId: JobId;
}

/** Roger's form 3: membership before; the mark is gone. */
export function consumeMark(state: State, asked: Asked): Decision {
  const mark = findMark(state, asked);
  if (mark === undefined) return member({ wasThere: false });
  state.cancelMarks.touch(mark);
  moveMark(mark, "consumed");
  removeMark(state, mark);
  return member({ wasThere: true });
}

/** Roger's form 2. */
export function isCancelled(state: State, asked: Asked): Result {
  return member({ wasThere: findMark(state, asked) !== undefined });
}

/** `cancel.check`: by its mark, or by a rule that needs to know no more of the job than its id. */
export function checkCancelled(state: State, { partition, jobId }: Asked): Result {
  const known = { jobId, queue: undefined, tags: [], enqueuedAt: undefined };
  const cause = cancelledBy(state, partition, known);
  if (cause === undefined) return { status: "checked", mark: null };
  if (cause.kind === "mark") return { status: "checked", mark: markItem(cause.mark) };
  return { status: "checked", mark: null, rule: ruleItem(cause.rule) };
}
