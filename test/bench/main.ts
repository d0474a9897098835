// main.ts — `npm run bench`: absolute figures of this machine now, and in the same run the ratio to
// a peer. Figures of different runs are not to be compared: these machines are shared.
import { parseArgs } from "node:util";
import { parseName, parsePositive, runCommandLine } from "../command-line.ts";
import { benchCalls } from "./calls.ts";
import { benchCancels } from "./cancel-latency.ts";
import { benchSessions } from "./idle-sessions.ts";
import { benchWatchers } from "./watchers.ts";
import { benchLosses } from "./worker-losses.ts";

const usage = `npm run bench -- [OPTION…]
  --what LIST       of calls, cancels, losses, sessions, watchers, with commas (default all)
  --seconds N       per measurement (default 4; of sessions ten times that)
  --in-flight LIST  numbers, with commas (default 1,16,64,256,1024)
  --sessions N      idle ones (default 1000)
  --beside etcd     the same calls against a local three-node etcd, where the binary is on PATH`;

const subjects = ["calls", "cancels", "losses", "sessions", "watchers"] as const;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      what: { type: "string", default: subjects.join(",") },
      seconds: { type: "string", default: "4" },
      "in-flight": { type: "string", default: "1,16,64,256,1024" },
      sessions: { type: "string", default: "1000" },
      beside: { type: "string" },
    },
  });
  const seconds = parsePositive(values.seconds);
  const sessions = parsePositive(values.sessions);
  const levels = values["in-flight"].split(",").map(parsePositive);
  const beside = values.beside === undefined ? undefined : parseName(values.beside, ["etcd"]);
  const wanted = values.what.split(",").map((what) => parseName(what, subjects));
  const bench: Readonly<Record<(typeof subjects)[number], () => Promise<string>>> = {
    calls: () => benchCalls({ seconds, levels, beside }),
    cancels: () => benchCancels(500),
    losses: () => benchLosses(5),
    sessions: () => benchSessions({ sessions, seconds: seconds * 10 }),
    watchers: () => benchWatchers({ inFlight: 64, rounds: 5, seconds }),
  };
  for (const what of wanted) console.log(`\n${what}\n\n${await bench[what]()}`);
  return 0;
}

await runCommandLine(usage, main);
