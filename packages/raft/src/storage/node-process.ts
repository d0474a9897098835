// node-process.ts — which processes live, read from /proc (Linux) or asked by signal 0 (elsewhere).
import { readFile } from "node:fs/promises";
import process from "node:process";
import type { ProcessFacts } from "./folder-lock.ts";

export function nodeProcessFacts(): ProcessFacts {
  return { pid: process.pid, startTimeOf };
}

async function startTimeOf(pid: number): Promise<string | undefined> {
  if (process.platform !== "linux") return isAlive(pid) ? "unknown" : undefined;
  const stat = await textOf(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  const boot = (await textOf("/proc/sys/kernel/random/boot_id"))?.trim() ?? "";
  // The command's name may hold spaces and brackets; field 22 counts from after the last bracket.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const state = fields[0];
  if (state === "Z" || state === "X") return undefined;
  return `${boot}:${fields[19] ?? ""}`;
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, but is somebody else's.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
