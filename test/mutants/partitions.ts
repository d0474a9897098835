// partitions.ts — seeded bugs of limits that a partition has of its own, and of partitions that are dropped, at once or
// bit by bit (SEMANTICS §4.7).
import type { Mutant } from "./mutant.ts";

const state = "packages/global-state/src";
const partition = `${state}/partition`;

export const partitions: readonly Mutant[] = [
  {
    id: "X80",
    bug: "a dropped partition goes without a word to those who are in it",
    file: `${partition}/drop-partition.ts`,
    text: "  tellDropped(state, moment, partition);\n",
    replacement: "",
  },
  {
    id: "X80c",
    bug: "who is told that a partition is dropped comes in the order of the things, not by sessions",
    file: `${partition}/tell-dropped.ts`,
    text: "  notices.sort((one, other) => one.session - other.session);\n",
    replacement: "",
  },
  {
    id: "X80d",
    bug: "a restored node knows nothing of what is held in a partition: its holders hear nothing of a drop",
    file: `${state}/adopt.ts`,
    text: "    partitionOf(state, row.scope).holds.set(holder.token, row);\n",
    replacement: "",
  },
  {
    id: "X80b",
    bug: "what is in a dropped partition is told without its name once that is gone",
    file: `${state}/event/changes.ts`,
    text: " ?? this.#dropped.get(number) ?? null;",
    replacement: " ?? null;",
  },
  {
    id: "X81",
    bug: "while a dropped partition is emptied, its keys are granted on to who waited there",
    file: `${state}/execution-key/settle.ts`,
    text: "if (partition.dropping === undefined) grantOn(",
    replacement: "if (partition.number > 0) grantOn(",
  },
  {
    id: "X82",
    bug: "a start that comes too early is told so though it was answered before",
    file: `${state}/apply.ts`,
    text:
      "  if (known !== undefined) return known;\n" +
      "  if (isTooEarly(state, write)) return outcomeOf(moment, n, overloaded);\n  if (!hasRoom(",
    replacement:
      "  if (isTooEarly(state, write)) return outcomeOf(moment, n, overloaded);\n" +
      "  if (known !== undefined) return known;\n  if (!hasRoom(",
  },
  {
    id: "X83",
    bug: "emptying leaves no work to the calls of its entries: who is next waits until it is over",
    file: `${partition}/empty-partition.ts`,
    text: "const leave = Math.floor((state.limits.workMax - 1) / 2);",
    replacement: "const leave = 0;",
  },
  {
    id: "X138",
    bug: "while a large partition is emptied nothing else that is due is taken out, anywhere",
    file: `${partition}/empty-partition.ts`,
    text: "return Math.floor(moment.work.left / 2);",
    replacement: "return moment.work.left;",
  },
  {
    id: "X138b",
    bug: "what is due while a partition is emptied leaves no work to the calls of the entry",
    file: `${partition}/empty-partition.ts`,
    text: "return Math.floor(moment.work.left / 2);",
    replacement: "return 0;",
  },
  {
    id: "X139",
    bug: "who waits in a partition that is dropped times out there as well: he is told a second end",
    file: `${partition}/due-in-dropped.ts`,
    text: "if (partition?.dropping === undefined) return false;",
    replacement: "if (partition?.dropping === undefined || mayGoOn()) return false;",
  },
  {
    id: "X84",
    bug: "a restored node begins the walk through a table once more",
    file: `${partition}/partition.ts`,
    text: "    return newDropping(row, { section, from });",
    replacement: "    return newDropping(row, { section, from: 0 });",
  },
  {
    id: "X84b",
    bug: "the walk asks where a bucket ends once it is emptied, and passes over what has joined it",
    file: `${partition}/empty-partition.ts`,
    text: "    dropping.from = end;\n",
    replacement: "    dropping.from = table.endOfBucket(dropping.from);\n",
  },
  {
    id: "X85",
    bug: "a sync shows runs of a partition that is dropped, and whoever lost the push runs on",
    file: `${state}/session/sync-session.ts`,
    text: "if (token <= after || partitionNumbered(state, run.scope).dropping !== undefined) continue;",
    replacement: "if (token <= after) continue;",
  },
  {
    id: "X85b",
    bug: "who waits in a partition that is dropped is told by a client that this makes no sense",
    file: "packages/client/src/acquisition.ts",
    text: 'if (ending.kind === "dropped") return this.fail(dropped(this.wanted.partition));',
    replacement: "",
  },
  {
    id: "X86",
    bug: "how a wait in a dropped partition ended is forgotten with its record",
    file: `${partition}/empty-partition.ts`,
    text: '  if (session.ending === "no") {\n    rememberEnding(',
    replacement: '  if (session.ending !== "no") {\n    rememberEnding(',
  },
  {
    id: "X87",
    bug: "a limit that was lowered refuses to mark again what is marked",
    file: `${state}/cancel/mark-cancelled.ts`,
    text: "added > 0 && current + added > most",
    replacement: "current + added > most",
  },
  {
    id: "X87b",
    bug: "an update takes back all that it does not name",
    file: `${partition}/partition-settings.ts`,
    text: "const value = asked === undefined ? from[name] : asked;",
    replacement: "const value = asked;",
  },
  {
    id: "X88",
    bug: "tokens begin anew with a dropped partition",
    file: `${partition}/empty-partition.ts`,
    text: "  state.partitionsByNumber.delete(partition.number);",
    replacement:
      "  state.partitionsByNumber.delete(partition.number);\n  state.counters.token = 0;",
  },
  {
    id: "X89",
    bug: "a backup brings along what is in a partition on its way out",
    file: `${state}/import/import-plan.ts`,
    text: "isOnItsWayOut ? undefined : planned(row)",
    replacement: "planned(row)",
  },
  {
    id: "X89b",
    bug: "a backup leaves behind what is set for a partition",
    file: `${state}/adopt.ts`,
    text: "  state.partitionsByNumber.set(row.number, row);\n",
    replacement:
      '  if (state.import?.standing === "open") row.settings = { limits: {}, defaults: {} };\n' +
      "  state.partitionsByNumber.set(row.number, row);\n",
  },
  {
    id: "X89c",
    bug: "a restore sets for a partition what the cluster does not allow",
    file: `${state}/import/import-rows.ts`,
    text: "settingsRefusal(state, row.settings) === undefined,",
    replacement: "row.settings !== undefined,",
  },
  {
    id: "X89d",
    bug: "a restore takes in a partition that is being emptied, where bytes say so",
    file: `${state}/import/import-rows.ts`,
    text: "      row.dropping === undefined &&\n",
    replacement: "",
  },
];
