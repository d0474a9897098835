// backup-file-argument.ts — what `backup` and `restore` take: one file of this machine, for the whole cluster.
// Anything else that was written is wrong use, and nothing is asked of the cluster.
import type { Invocation } from "./invocation.ts";

const streams = {
  backup: "backup writes a file that it then reads back, not to stdout",
  restore: "restore checks the whole file before it sends any of it, and does not read stdin",
} as const;

/** Undefined: it can be tried. */
export function fileArgumentProblem(
  { partition }: Pick<Invocation, "partition">,
  { word, path }: { readonly word: keyof typeof streams; readonly path: string },
): string | undefined {
  if (partition !== undefined) {
    return `${word} is of the whole cluster, all partitions in one file, and takes no --partition`;
  }
  if (path === "") return `${word} takes the name of a file, not an empty one`;
  if (path === "-") return `${streams[word]}: name a file, ./- if that is its name`;
  return undefined;
}
