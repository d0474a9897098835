// memory-pressure.ts — a node may have hardly more memory than it has (RLIMIT_DATA, set from outside). It collects its garbage
// again and again, gets slower, and is ended by the first allocation that fails, wherever that is: no handler of its own runs.
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import type { Nemesis } from "./nemesis.ts";
import { drawMember } from "./whom.ts";

const mebibyte = 1024 * 1024;
const roomMb = { from: 0, to: 6 };

export const memoryPressure: Nemesis = {
  name: "memory-pressure",
  lastsMs: { from: 5_000, to: 12_000 },
  refusal: () => undefined,
  async strike(stage, dice) {
    const { cluster } = stage;
    const node = await drawMember(stage, dice);
    const room = Math.round(dice.between(roomMb));
    const daemon = cluster.process(node);
    await limit(daemon.pid, (await dataBytes(daemon.pid)) + room * mebibyte);
    return {
      says: `${node} gets ${room} MiB of memory and no more`,
      whom: [node],
      heal: async () => {
        if (daemon.isRunning) await limit(daemon.pid, "unlimited");
        await stage.revive(node);
      },
    };
  },
};

/** The soft limit alone: who has no rights could not raise the other one again. */
async function limit(pid: number, bytes: number | "unlimited"): Promise<void> {
  await promisify(execFile)("prlimit", [`--pid=${pid}`, `--data=${bytes}:`]);
}

async function dataBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const kilobytes = /^VmData:\s*(\d+) kB$/m.exec(status)?.[1];
  if (kilobytes === undefined) throw new Error(`the kernel does not tell the data of ${pid}`);
  return Number(kilobytes) * 1024;
}
