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
/** A reader that has read enough is no failure; the nodes of a cluster go on without one. */
let outputFailure: string | undefined;
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") outputFailure = error.message;
});
process.stderr.on("error", () => undefined);

const ended = await runRogerd(process.argv.slice(2), nodeSurroundings());
await new Promise(setImmediate);
const isUntold = ended === exitCodes.stopped && outputFailure !== undefined;
if (isUntold) process.stderr.write(`rogerd: the output can't be written: ${outputFailure}\n`);
const exitCode = isUntold ? exitCodes.diskFailed : ended;
// Sockets and timers of a daemon that failed would keep the process; what was written to a pipe goes first.
process.stdout.write("", () => process.stderr.write("", () => process.exit(exitCode)));
