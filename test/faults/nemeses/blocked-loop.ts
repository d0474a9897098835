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
    const inspector = new Inspector(stage, node);
    const blocks = goOn(async (rest) => {
      await inspector.tell(`${Math.round(dice.between(blockMs))}`);
      await rest(dice.around(500));
    });
    const heal = async (): Promise<void> => {
      await blocks.stop();
      await inspector.tell("close");
    };
    return { says: `${node} blocked again and again`, whom: [node], heal };
  },
};

/** Of whichever process the node has now: it may have ended, and have been started again. */
class Inspector {
  readonly #stage: Stage;
  readonly #node: string;
  #open: { readonly daemon: DaemonProcess; readonly url: string } | undefined;

  constructor(stage: Stage, node: string) {
    this.#stage = stage;
    this.#node = node;
  }

  /** See block-loop.ts. */
  async tell(what: string): Promise<void> {
    const { cluster, hosts } = this.#stage;
    const daemon = cluster.process(this.#node);
    const url = this.#open?.daemon === daemon ? this.#open.url : await openInspector(daemon);
    if (url === undefined) return;
    this.#open = { daemon, url };
    const command = [...hosts.within(this.#node), process.execPath, program, url, what];
    const { code, stderr } = await becomes(command);
    if (code !== 0 && daemon.isRunning) throw new Error(`${this.#node} is not told: ${stderr}`);
  }
}

/** Where it listens, on the loopback of its own host; undefined: it has ended. */
async function openInspector(daemon: DaemonProcess): Promise<string | undefined> {
  const former = lastInspectorIn(daemon.log());
  daemon.signal("SIGUSR1");
  const url = await eventually("the inspector listens", async () => {
    const now = lastInspectorIn(daemon.log());
    if (now !== former) return now;
    return daemon.isRunning ? undefined : "";
  });
  return url === "" ? undefined : url;
}

function lastInspectorIn(log: string): string | undefined {
  return [...log.matchAll(/^Debugger listening on (ws:\S+)$/gm)].at(-1)?.[1];
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
