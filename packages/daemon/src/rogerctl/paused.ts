// paused.ts — `paused`: which queues are paused, by whom, why, since and until when.
import type { CommandForm } from "./command-form.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import type { Invocation } from "./invocation.ts";
import { listAll } from "./list.ts";
import { renderTable, shownTime } from "./print.ts";
import { printRead, staleOption } from "./printed-read.ts";
import { textAt, timeAt, type WireObject } from "./wire-value.ts";

export async function paused(invocation: Invocation, partition: string): Promise<ExitCode> {
  const listed = await listAll(invocation, { partition, kind: "pauses", prefix: "" });
  if (listed.kind === "failed") return listed.exitCode;
  const pauses = listed.items.map(readPause);
  const revision = listed.revisions.last;
  printRead(invocation, {
    revision,
    json: { partition, revision, paused: pauses },
    text: () =>
      pauses.length === 0
        ? "nothing is paused\n"
        : renderTable({
            head: ["QUEUE", "SINCE", "UNTIL", "MODE", "BY", "REASON"],
            rows: pauses.map((pause) => [
              pause.selector,
              shownTime(pause.since),
              shownTime(pause.until),
              pause.mode,
              pause.by,
              pause.reason,
            ]),
          }),
  });
  return exitCodes.done;
}

interface Pause {
  readonly selector: string;
  readonly by: string;
  readonly reason: string;
  readonly since: string | null;
  /** Null: until it is resumed. */
  readonly until: string | null;
  readonly mode: string;
}

function readPause(item: WireObject): Pause {
  return {
    selector: textAt(item, "selector") ?? "",
    by: textAt(item, "by") ?? "",
    reason: textAt(item, "reason") ?? "",
    since: timeAt(item, "since"),
    until: timeAt(item, "until"),
    mode: textAt(item, "mode") ?? "drain",
  };
}

export const pausedCommand: CommandForm = {
  words: ["paused"],
  summary: "show which queues are paused, by whom, why and since when",
  options: [staleOption],
  examples: [
    "rogerctl paused --partition acme",
    "rogerctl paused --partition acme -o json",
    "rogerctl paused --partition acme --stale",
  ],
  scope: "partition",
  run: (invocation, { partition }) => paused(invocation, partition),
};
