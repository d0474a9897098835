import { expect, test } from "vitest";
import type { EndLine, HistoryLine } from "../history/history-line.ts";
import { call, found, historyOf } from "./hand-made.ts";
import { checkFailures } from "./possible-failures.ts";

function failed(code: string, outcome: EndLine["outcome"] = "without-effect") {
  const lines = call(["keys", "key k"], [1, 2], { form: "acquire" });
  return lines.map(
    (line): HistoryLine => (line.kind === "end" ? { ...line, outcome, code } : line),
  );
}

test("calls that fail as faults, or their user, bring about are right", () => {
  const codes = ["unavailable", "indeterminate", "session_expired", "deadline_exceeded", "gave_up"];
  const answered = call(["keys", "key k"], [1, 2], { form: "acquire" }, { status: "busy" });
  const lines = codes.map((code) => failed(code));

  const checked = checkFailures(historyOf(answered, ...lines));

  expect(checked).toEqual({ findings: [], counts: { calls: 6, "failed calls": 5 } });
});

test.each(["invalid_argument", "quota_exceeded", "internal", "TypeError: x is not a function"])(
  "%s is found",
  (code) => {
    for (const outcome of ["unknown", "without-effect"] as const) {
      expect(found(checkFailures(historyOf(failed(code, outcome))))).toEqual([
        "a call fails with what no fault brings about",
      ]);
    }
  },
);
