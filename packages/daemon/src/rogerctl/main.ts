// main.ts — rogerctl: the real world in, an exit code out. Ends by itself, so that all output is written.
import { runRogerctl } from "./command-line.ts";
import { nodeSurroundings } from "./node-surroundings.ts";

process.exitCode = await runRogerctl(process.argv.slice(2), nodeSurroundings());
