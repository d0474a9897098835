import { describe, expect, test } from "vitest";
import type { HistoryLine, WorkloadName } from "../history/history-line.ts";
import { byUser, call, found, historyOf, run, stalled } from "./hand-made.ts";
import { checkLiveness } from "./liveness.ts";

const bounds = { answerWithinMs: 3_000, leastShare: 0.1 };

/** One each so many milliseconds. */
function answers(
  from: number,
  to: number,
  everyMs: number,
  workload: WorkloadName = "roger",
): readonly HistoryLine[] {
  return Array.from({ length: Math.floor((to - from) / everyMs) }, (_, index) => {
    const at = from + index * everyMs;
    return call([workload, "o"], [at, at + 1], {}, "ok");
  }).flat();
}

const turn = [
  run("phase", 0, "forming"),
  run("phase", 1_000, "quiet"),
  run("strike", 6_000, "n1 is killed", ["n1"]),
  run("heal", 10_000, "n1 is killed", ["n1"]),
  run("phase", 10_500, "healed"),
  run("strike", 18_000, "n2 is killed", ["n2"]),
  run("heal", 20_000, "n2 is killed", ["n2"]),
  run("phase", 20_500, "healed"),
  run("phase", 21_000, "finishing"),
];
const quiet = answers(1_000, 6_000, 10);

describe("liveness", () => {
  test("answers soon after a heal, and many between strikes, are right", () => {
    const history = historyOf(...turn, ...quiet, ...answers(13_000, 18_000, 50));

    const checked = checkLiveness(history, bounds);

    expect(checked.findings).toEqual([]);
    expect(checked.counts).toEqual({
      "answered calls": 600,
      heals: 2,
      "heals judged": 1,
      "rates judged": 2,
      "answers a second in the quiet phase": 100,
    });
  });

  test.each<[string, readonly HistoryLine[], string]>([
    ["no answer after a heal", [], "calls are answered again after a heal (V21)"],
    [
      "an answer that comes too late",
      answers(14_000, 18_000, 10),
      "calls are answered again after a heal (V21)",
    ],
    ["a few answers", answers(11_000, 18_000, 500), "the cluster works between strikes"],
  ])("%s is found", (_, lines, property) => {
    expect(found(checkLiveness(historyOf(...turn, ...quiet, ...lines), bounds))).toEqual([
      property,
    ]);
  });

  test("one workload that stands still while another one works is found", () => {
    const both = [...quiet, ...answers(1_000, 6_000, 100, "keys")];
    const works = answers(11_000, 18_000, 10);
    const judge = (...lines: readonly HistoryLine[]) =>
      found(checkLiveness(historyOf(...turn, ...both, ...works, ...lines), bounds));

    expect(judge(...answers(11_000, 18_000, 500, "keys"))).toEqual([]);
    expect(judge(...answers(11_000, 18_000, 2_000, "keys"))).toEqual([
      "the cluster works between strikes",
    ]);
    expect(judge()).toEqual(["the cluster works between strikes"]);
  });

  test("a workload of which too few calls would be answered to say anything is not judged", () => {
    const both = [...quiet, ...answers(1_000, 6_000, 1_000, "watch")];
    const works = answers(11_000, 18_000, 10);

    expect(checkLiveness(historyOf(...turn, ...both, ...works), bounds).findings).toEqual([]);
  });

  test("a workload that is answered nothing from the beginning on is found", () => {
    const works = answers(11_000, 18_000, 10);
    const stuck = Array.from({ length: 6 }, () => call(["keys", "key k"], [2_000], {})).flat();

    expect(found(checkLiveness(historyOf(...turn, ...quiet, ...works, ...stuck), bounds))).toEqual([
      "each workload is answered before the first strike",
    ]);
  });

  test("a watch that its user left is no answer", () => {
    const left = byUser(answers(10_500, 18_000, 10, "watch"));

    expect(found(checkLiveness(historyOf(...turn, ...quiet, ...left), bounds))).toEqual([
      "calls are answered again after a heal (V21)",
    ]);
  });

  test("a stall puts the answer off by as long as it lasts after the heal, and another one does not", () => {
    const late = answers(14_500, 18_000, 10);
    const judge = (...lines: readonly HistoryLine[]) =>
      found(checkLiveness(historyOf(...turn, ...quiet, ...late, ...lines), bounds));
    const tooLate = ["calls are answered again after a heal (V21)"];

    expect(judge(stalled(11_000, 2_000))).toEqual([]);
    expect(judge(stalled(11_000, 500))).toEqual(tooLate);
    expect(judge(stalled(8_500, 2_500))).toEqual(tooLate);
    expect(judge(stalled(3_000, 5_000), stalled(15_000, 5_000))).toEqual(tooLate);
  });

  test("a call that fails is no answer", () => {
    const failed = call(["roger", "o"], [11_000, 11_001], {});

    expect(found(checkLiveness(historyOf(...turn, ...quiet, failed), bounds))).toEqual([
      "calls are answered again after a heal (V21)",
    ]);
  });

  test("a cluster that is dead in the quiet, and a run without any, are found", () => {
    const dead = ["the cluster works before the first strike"];

    expect(
      found(checkLiveness(historyOf(...turn, ...answers(11_000, 18_000, 10)), bounds)),
    ).toEqual(dead);
    expect(found(checkLiveness(historyOf(...answers(1_000, 2_000, 10)), bounds))).toEqual(dead);
  });
});
