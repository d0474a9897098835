// main.ts — rogerd: the real world in, an exit code out. A bug ends the process at once, with its trace:
// whatever is acknowledged is on disk, and nothing may go on in a state that nobody understands.
import { runRogerd } from "./command-line.ts";
import { exitCodes } from "./exit-codes.ts";
import { nodeSurroundings } from "./node-surroundings.ts";

process.on("uncaughtException", (error) => {
  process.stderr.write(`${error.stack ?? String(error)}\n`);
  process.stderr.write(
    "rogerd: this is a bug; nothing acknowledged is lost, start it again and please report the lines above\n",
  );
  process.exit(exitCodes.bug);
});
process.stdout.on("error", () => undefined);
process.stderr.on("error", () => undefined);

const exitCode = await runRogerd(process.argv.slice(2), nodeSurroundings());
// Sockets and timers of a daemon that failed would keep the process; what was written to a pipe goes first.
process.stdout.write("", () => process.stderr.write("", () => process.exit(exitCode)));
