// change-member.ts — a `rogerctl member …` that is asked again while the cluster says that it is not time yet:
// the node has not received the log, another has just been started, or a leader elected. Anything else fails the test.
import { expect } from "vitest";
import { eventually } from "../processes/eventually.ts";
import type { CommandLineOutcome } from "../processes/run-command.ts";
import type { TestCluster } from "../processes/test-cluster.ts";

export function changeMember(
  cluster: TestCluster,
  command: readonly string[],
): Promise<CommandLineOutcome> {
  return eventually(`rogerctl ${command.join(" ")}`, async () => {
    const done = await cluster.rogerctl(...command);
    if (done.code === 0) return done;
    expect(`${done.code} ${done.stderr}`).toMatch(
      /^3 .*(has not received the log yet|start them first)|^69 /,
    );
    return undefined;
  });
}
