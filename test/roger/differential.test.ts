// The differential test of SEMANTICS §1, in a size for every day; in full it is `npm run roger`.
import type { Caller } from "@rogerd/client";
import { describe, expect, test } from "vitest";
import { runInSimulator } from "./virtual-cluster.ts";

const request = { seed: 0x90_9e_40, calls: 700, callsPerFault: 25 };

/** Looks at the key and says that it is free now. */
function looksOnly(caller: Caller): Caller {
  return {
    name: caller.name,
    read: (question, options) => caller.read(question, options),
    write: async (question, options) => {
      if (question.command !== "roger.removeExecuted") return caller.write(question, options);
      const reply = await caller.read({ ...question, command: "roger.isExecuting" }, options);
      return { ...reply, result: { status: "ok" } };
    },
  };
}

describe("Roger's twelve forms in the simulator", () => {
  test("are answered as Roger answers them, through kills of leaders (I9)", async () => {
    const { disagreement, faults, tally } = await runInSimulator(request);

    expect(disagreement).toBeUndefined();
    expect(tally.calls).toBe(request.calls);
    expect(Object.keys(tally.forms)).toHaveLength(14);
    const { changed, unchanged } = tally.unknown;
    expect(tally.madeAgain + changed + unchanged).toBeGreaterThan(0);
    for (const times of Object.values(faults)) expect(times).toBeGreaterThan(0);
  });

  test("are found out where one of them does nothing", async () => {
    const { disagreement } = await runInSimulator({ ...request, through: looksOnly });

    expect(disagreement).toMatchObject({
      made: { call: { form: "isExecuting" } },
      answer: true,
      expected: false,
    });
  });
});
