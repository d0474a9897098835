// answering-caller.ts — a client that answers what it was given, for tests of what its users hold.
import type { Reply } from "../src/call.ts";
import type { PartitionCaller, Question } from "../src/caller.ts";

export interface Asked extends Question {
  readonly kind: "write" | "read";
}

/** Notes what was asked and answers with what it was given. */
export function aCallerThatAnswers(...results: Reply["result"][]): {
  caller: PartitionCaller;
  asked: Asked[];
} {
  const asked: Asked[] = [];
  const answer = (kind: Asked["kind"], question: Question): Promise<Reply> => {
    asked.push({ kind, ...question });
    const result = results.length > 1 ? results.shift() : results[0];
    if (result === undefined) throw new Error("nothing to answer");
    return Promise.resolve({ revision: 5, n: 0, result });
  };
  const caller: PartitionCaller = {
    name: "me",
    write: (question) => answer("write", question),
    read: (question) => answer("read", question),
    watch: () => {
      throw new Error("nobody watches");
    },
    jobs: () => {
      throw new Error("nobody starts jobs");
    },
    keys: () => {
      throw new Error("nobody asks for keys");
    },
  };
  return { caller, asked };
}
