// all-answers.ts — whatever anybody can be told by a state as it is: lists of everything, what each session has,
// and why each of some jobs and keys waits. Two states that answer all of it alike are the same to all.
import { jobId, key, partitionId, type Read, sessionId } from "../src/index.ts";
import type { World } from "./world.ts";

const partitions = ["acme", "other"].map(partitionId);
const kinds = [
  ...(["cancelMarks", "queueKeys", "executionKeys", "pauses"] as const),
  ...(["cancelRules", "runs", "finishedJobs"] as const),
];
const page = { prefix: "", limit: 1_000, cursor: undefined };
const names = ["0", "1", "2", "3", "4", "5", "6"];

const questions: readonly Read[] = [
  { name: "partition.list", args: page },
  { name: "session.list", args: page },
  ...[1, 2, 3, 4, 5, 6].map((id): Read => {
    return { name: "session.sync", args: { session: sessionId(id), from: undefined } };
  }),
  ...partitions.flatMap((partition): readonly Read[] => [
    { name: "roger.queueGetPaused", partition, args: {} },
    ...kinds.map((kind): Read => ({ name: "list", partition, args: { kind, ...page } })),
    ...names.map((at): Read => ({ name: "why", partition, args: { jobId: jobId(`job-${at}`) } })),
    ...["a", "b", "b/1", "q"].map(
      (name): Read => ({ name: "why", partition, args: { key: key(name) } }),
    ),
  ]),
];

export function allAnswers({ state }: World): readonly unknown[] {
  return questions.map((question) => state.read(question));
}
