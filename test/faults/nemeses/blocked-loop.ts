// blocked-loop.ts — a node's event loop has no turn for a while, again and again: by its inspector, which every Node
// process opens when it is asked to by SIGUSR1, and not by anything of ours in it. Its threads and its kernel go on meanwhile,
// which makes it another thing than a pause.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { eventually } from "../../processes/eventually.ts";
import type { DaemonProcess } from "../../processes/daemon-process.ts";
import { projectRoot } from "../../project-root.ts";
import { goOn } from "./going-on.ts";
import type { Nemesis, Stage } from "./nemesis.ts";
import { drawMember } from "./whom.ts";

const program = join(projectRoot, "test", "dist", "faults", "nemeses", "block-loop.js");
const blockMs = { from: 100, to: 3_000 };

export const blockedLoop: Nemesis = {
  name: "blocked-loop",
  lastsMs: { from: 4_000, to: 10_000 },
  refusal: () => undefined,
  async strike(stage, dice) {
    const node = await drawMember(stage, dice);
    const blocks = goOn(async (rest) => {
      await block(stage, node, Math.round(dice.between(blockMs)));
      await rest(dice.around(500));
    });
    return { says: `${node} blocked again and again`, whom: [node], heal: () => blocks.stop() };
  },
};

async function block({ cluster, hosts }: Stage, node: string, ms: number): Promise<void> {
  const daemon = cluster.process(node);
  const url = await openInspector(daemon);
  // The node may have been killed by another strike.
  if (url === undefined) return;
  const { code, stderr } = await becomes([
    ...hosts.within(node),
    process.execPath,
    program,
    url,
    `${ms}`,
  ]);
  if (code !== 0 && daemon.isRunning) throw new Error(`${node} can't be blocked: ${stderr}`);
}

/** Where it listens, on the loopback of its own host. */
async function openInspector(daemon: DaemonProcess): Promise<string | undefined> {
  const known = inspectorsIn(daemon.log()).length;
  daemon.signal("SIGUSR1");
  return eventually("the inspector listens", async () => {
    const urls = inspectorsIn(daemon.log());
    if (urls.length > known) return urls.at(-1);
    return daemon.isRunning ? undefined : "";
  }).then((url) => (url === "" ? undefined : url));
}

function inspectorsIn(log: string): readonly string[] {
  return [...log.matchAll(/^Debugger listening on (ws:\S+)$/gm)].flatMap(([, url]) => url ?? []);
}

function becomes([command = "", ...words]: readonly string[]): Promise<{
  readonly code: number | null;
  readonly stderr: string;
}> {
  const child = spawn(command, words, { stdio: ["ignore", "ignore", "pipe"] });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stderr }));
  });
}
