// here.ts — a run on the hosts that there are, from what was asked for to the verdict and the report.
import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { projectRoot } from "../project-root.ts";
import { seedText } from "../simulation/report.ts";
import type { CheckerVerdict } from "./checkers/finding.ts";
import { judge } from "./checkers/judge.ts";
import { type ToldHistory, toldHistory } from "./checkers/told-history.ts";
import type { Hosts } from "./hosts/hosts.ts";
import { startNamespaces } from "./hosts/namespaces.ts";
import { startProxies } from "./hosts/proxies.ts";
import { keepSummary } from "./report/fault-report.ts";
import { reportOf, writeReport } from "./report/html.ts";
import { Progress } from "./report/progress.ts";
import type { RunFacts, RunSummary } from "./report/summary.ts";
import { type RunRecord, runFaults } from "./run.ts";
import type { Sabotage } from "./sabotage.ts";

export interface AskedRun {
  readonly seed: number;
  readonly minutes: number;
  readonly voters: number;
  readonly workers: number;
  readonly only: readonly string[] | undefined;
  readonly sabotage: Sabotage | undefined;
  /** The root of the version that nodes begin with; undefined: this one. */
  readonly product: string | undefined;
  readonly kind: Hosts["kind"];
  /** The folder in which reports are, each in one of its own. */
  readonly reports: string;
  /** Its summary goes to test/faults/runs. */
  readonly isKept: boolean;
  /** Repeats it. */
  readonly command: string;
}

/** Nodes that may join; and clients' machines. */
const more = { nodes: 2, clients: 2 };
const workloads = ["roger", "keys", "jobs", "pauses", "claims", "watch"] as const;
/** Ten of the longest time-outs of an election that are drawn (DESIGN §5); calls have to come again by then. */
const answerWithinMs = 10 * 600;
const run = promisify(execFile);

/** The exit code: of a sabotaged run, 1 if nobody found it who can. */
export async function runHere(asked: AskedRun): Promise<number> {
  console.log(`seed ${seedText(asked.seed)}`);
  const startedAt = new Date().toISOString();
  // What is committed while it runs is not what ran.
  const commit = await commitOf();
  const record = await recordOf(asked);
  const history = toldHistory(record.lines);
  const verdicts = verdictsOf(record, { history, voters: asked.voters });
  const facts = await factsOf(asked, { record, verdicts, startedAt, commit });
  const report = reportOf(history, facts);
  const folder = join(asked.reports, seedText(asked.seed));
  await mkdir(folder, { recursive: true });
  const text = record.lines.map((line) => JSON.stringify(line)).join("\n");
  await writeFile(join(folder, "history.jsonl"), `${text}\n`);
  const page = join(folder, "report.html");
  writeReport(report, { page, summary: join(folder, "summary.json") });
  if (asked.isKept) keepSummary(report.summary);
  print(report.summary);
  console.log(`report  ${page}\nagain   ${asked.command}`);
  if (asked.sabotage === undefined) return report.summary.hasPassed ? 0 : 1;
  return isCaught(asked.sabotage, verdicts) ? 0 : 1;
}

/** By one that can see it: a run that broke off, or a machine that was slow, proves nothing. */
function isCaught({ caughtBy, name }: Sabotage, verdicts: readonly CheckerVerdict[]): boolean {
  const by = verdicts.filter(
    ({ checker, findings }) => caughtBy.includes(checker) && findings.length > 0,
  );
  const says = by.map(({ checker }) => checker).join(", ");
  console.log(by.length > 0 ? `${name} is caught by ${says}` : `${name} IS NOT CAUGHT`);
  return by.length > 0;
}

async function recordOf(asked: AskedRun): Promise<RunRecord> {
  const { kind, minutes, only, product, sabotage, seed, voters, workers } = asked;
  const size = { nodes: voters + more.nodes, clients: more.clients, seed };
  await using hosts = await (kind === "namespaces" ? startNamespaces(size) : startProxies(size));
  const forMs = minutes * 60_000;
  const counts = { calls: 0, strikes: 0 };
  using progress = new Progress({
    terminal: process.stdout,
    lengthMs: forMs,
    counts: () => counts,
  });
  // Awaited here: the hosts are gone when this returns.
  return await runFaults({
    ...{ seed, voters, workers, hosts, workloads, forMs, product, answerWithinMs },
    desk: kind === "namespaces" ? "10.77.0.1" : "127.0.0.1",
    only: only ?? sabotage?.only,
    disk: sabotage?.disk ?? "real",
    syncLateMs: sabotage?.syncLateMs ?? 0,
    show: {
      phase: (says) => progress.phase(says),
      strikes: (says) => {
        counts.strikes += 1;
        progress.says(`strikes  ${says}`);
      },
      heals: (says) => progress.says(`healed   ${says}`),
      answered: (calls) => {
        counts.calls = calls;
      },
    },
  });
}

/** The checkers', and that of the run itself. */
function verdictsOf(
  record: RunRecord,
  by: { readonly history: ToldHistory; readonly voters: number },
): readonly CheckerVerdict[] {
  const { failure, faultyWorkers, stateHashes } = record;
  const judged = judge({ ...by, states: stateHashes, answerWithinMs });
  const ended = faultyWorkers.map(({ name, code, signal, said }) => ({
    property: "a worker ends only when it is told to",
    facts: [`${name} ended with ${code ?? signal}`, said],
    where: name,
  }));
  const broken =
    failure === undefined ? [] : [{ property: "the run comes to its end", facts: [failure] }];
  const findings = [...broken, ...ended];
  return [...judged, { checker: "the run itself", counts: { runs: 1 }, findings }];
}

async function factsOf(
  asked: AskedRun,
  about: {
    readonly record: RunRecord;
    readonly verdicts: readonly CheckerVerdict[];
    readonly startedAt: string;
    readonly commit: string;
  },
): Promise<RunFacts> {
  const { commit, record, startedAt, verdicts } = about;
  const manifest = await readFile(join(projectRoot, "packages/daemon/package.json"), "utf8");
  const { version } = JSON.parse(manifest) as { readonly version: string };
  return {
    ...{ startedAt, version, verdicts },
    seed: seedText(asked.seed),
    commit,
    minutes: asked.minutes,
    hosts: asked.kind,
    voters: asked.voters,
    nodes: Array.from({ length: asked.voters + more.nodes }, (_, at) => `n${at + 1}`),
    refused: record.refused,
    untested: record.missing,
    command: asked.command,
  };
}

/** With `+`: what is run is not what was committed. */
async function commitOf(): Promise<string> {
  try {
    const { stdout: commit } = await run("git", ["rev-parse", "--short", "HEAD"], {
      cwd: projectRoot,
    });
    const { stdout: changes } = await run("git", ["status", "--porcelain"], { cwd: projectRoot });
    return `${commit.trim()}${changes === "" ? "" : "+"}`;
  } catch (error) {
    const says = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    return `unknown (${says})`;
  }
}

function print({ calls, elections, faults, hasPassed, verdicts }: RunSummary): void {
  const strikes = Object.entries(faults).map(([name, count]) => `${name} ${count}`);
  console.log(`calls   ${calls.all}, answered ${calls.answered}, unknown ${calls.unknown}`);
  console.log(`faults  ${strikes.join(", ")}; elections ${elections}`);
  for (const { checker, counts, findings, findingsCount, unjudged } of verdicts) {
    const judged = Object.entries(counts).map(([what, count]) => `${count} ${what}`);
    console.log(`${findingsCount === 0 ? "✓" : "✗"} ${checker}: ${judged.join(", ")}`);
    for (const why of unjudged) console.log(`    not judged: ${why}`);
    for (const { facts, property } of findings) {
      console.log([`    ${property}`, ...facts.map((fact) => `      ${fact}`)].join("\n"));
    }
  }
  console.log(hasPassed ? "nothing wrong was found" : "SOMETHING IS WRONG");
}
