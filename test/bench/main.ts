// main.ts — `npm run bench`: absolute figures of this machine now, and in the same run the ratio to
// a peer. Figures of different runs are not to be compared: these machines are shared.
//   --what L        comma list of calls, cancels, sessions, watchers (default all)
//   --seconds N     per measurement (default 4; of sessions ten times that)
//   --in-flight L   comma list (default 1,16,64,256,1024)
//   --sessions N    idle ones (default 1000)
//   --beside etcd   the same calls against a local three-node etcd, where the binary is on PATH
import { parseArgs } from "node:util";
import { benchCalls } from "./calls.ts";
import { benchCancels } from "./cancel-latency.ts";
import { benchSessions } from "./idle-sessions.ts";
import { benchWatchers } from "./watchers.ts";

const { values: options } = parseArgs({
  options: {
    what: { type: "string", default: "calls,cancels,sessions,watchers" },
    seconds: { type: "string", default: "4" },
    "in-flight": { type: "string", default: "1,16,64,256,1024" },
    sessions: { type: "string", default: "1000" },
    beside: { type: "string" },
  },
});

const seconds = Number(options.seconds);
const sessions = Number(options.sessions);
const levels = options["in-flight"].split(",").map(Number);
const { beside } = options;
if (![seconds, sessions, ...levels].every((number) => number > 0)) {
  console.error("bench: --seconds, --sessions and --in-flight take positive numbers");
  process.exit(2);
}
if (beside !== undefined && beside !== "etcd") {
  console.error(`bench: --beside knows etcd, not ${beside}`);
  process.exit(2);
}

const parts: Readonly<Record<string, () => Promise<string>>> = {
  calls: () => benchCalls({ seconds, levels, beside }),
  cancels: () => benchCancels(500),
  sessions: () => benchSessions({ sessions, seconds: seconds * 10 }),
  watchers: () => benchWatchers({ inFlight: 64, rounds: 5, seconds }),
};

const wanted = options.what.split(",");
const unknown = wanted.find((what) => !Object.hasOwn(parts, what));
if (unknown !== undefined) {
  console.error(`bench: --what knows ${Object.keys(parts).join(", ")}, not ${unknown}`);
  process.exit(2);
}

for (const what of wanted) console.log(`\n${what}\n\n${await parts[what]?.()}`);
