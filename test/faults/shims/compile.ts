// compile.ts — the small C programs of the fault tests, compiled when they are needed by the machine's own `cc`.
import { execFile } from "node:child_process";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { projectRoot } from "../../project-root.ts";

const run = promisify(execFile);

/** `source`: from test/faults. Gives the path of what came of it. */
export async function compile(
  source: string,
  to: { readonly folder: string; readonly as: "program" | "library" },
): Promise<string> {
  const isLibrary = to.as === "library";
  const path = join(to.folder, `${basename(source, ".c")}${isLibrary ? ".so" : ""}`);
  const how = isLibrary ? ["-shared", "-fPIC"] : [];
  const from = join(projectRoot, "test", "faults", source);
  await run("cc", ["-O2", ...how, "-o", path, from, "-ldl", "-lpthread"]);
  return path;
}
