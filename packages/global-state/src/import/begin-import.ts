// begin-import.ts — `admin.importBegin`: an empty cluster begins to take in a backup. The same backup
// again goes on where it stopped; another one is a no. The counters go past all that the old cluster drew.
import type { GroupWrite } from "../command.ts";
import type { Decision } from "../decision.ts";
import type { Moment, State } from "../state.ts";
import { tokenLeap } from "./import.ts";
import { importing, notImported, standingOf } from "./standing.ts";

/** No cluster ever drew half as many; with more, the last number would come within reach. */
const countersMax = 2 ** 52;

type Args = Extract<GroupWrite, { name: "admin.importBegin" }>["args"];

export function beginImport(state: State, moment: Moment, args: Args): Decision {
  const standing = standingOf(state.import, args.id);
  if (standing !== "not_begun") return standing;
  if (!isEmpty(state)) return notImported("not_empty");
  if (Object.values(args.counters).some((counter) => counter > countersMax)) {
    return notImported("unreadable");
  }
  const { counters } = state;
  counters.session = Math.max(counters.session, args.counters.session);
  counters.partition = args.counters.partition;
  counters.token = args.counters.token + tokenLeap;
  state.import = {
    id: args.id,
    standing: "open",
    next: 0,
    rows: 0,
    backupLogTime: args.logTime,
    beganLogTime: moment.logTime,
  };
  return importing({ next: 0 });
}

/**
 * Nothing was ever put in: no partition was started and no token given. Sessions may be open: without a
 * partition they hold nothing, and what they were answered stays true.
 */
function isEmpty({ counters }: State): boolean {
  return counters.partition === 0 && counters.token === 0;
}
