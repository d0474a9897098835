// possible-failures.ts — judges how calls failed: with what faults, or their user, can bring about. Whatever else a client
// throws is wrong in itself, whether or not anything came of the call.
import { possibleCodes } from "../history/calls.ts";
import type { Checked } from "./finding.ts";
import { callInWords, type ToldHistory } from "./told-history.ts";

export function checkFailures({ calls }: ToldHistory): Checked {
  const failed = calls.filter(({ code }) => code !== undefined);
  const impossible = failed.filter(({ code = "" }) => !possibleCodes.has(code));
  const findings = impossible.map((call) => ({
    property: "a call fails with what no fault brings about",
    facts: [callInWords(call), call.code ?? ""],
    at: call.end ?? call.begin,
    where: call.worker,
  }));
  return { findings, counts: { calls: calls.length, "failed calls": failed.length } };
}
