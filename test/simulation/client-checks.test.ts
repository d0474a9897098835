import { expect, test } from "vitest";
import { ClientChecks } from "./client-checks.ts";
import { ShownReads } from "./shown-reads.ts";
import { Trace } from "./trace.ts";
import { Findings } from "./violation.ts";

test("a history that is too large to be searched to the end is a finding, and no pass", () => {
  const findings = new Findings();
  const trace = new Trace({ lines: "last" });
  const checks = new ClientChecks({
    ...{ trace, findings, reads: new ShownReads(), standingsMax: 100 },
  });
  for (let queue = 0; queue < 8; queue += 1) {
    const call = { form: "queuePause", name: `q${queue}` } as const;
    checks.begin("c1", { partition: "shared", call }).lost("nobody knows");
  }
  const asked = { partition: "shared", call: { form: "queueGetPaused" } } as const;
  checks.begin("c1", asked).answered(["q3", "unheard-of"]);

  checks.judgeHistories();

  expect(findings.first?.property).toMatch("the search came to no end");
});
