// test-run.ts — runs tests in a workshop until a few have failed, and says which one: the one that names
// the bug, if there is one. Only a failing test counts: a file that can't be loaded has tested nothing.
import { readFile, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import type { Workshop } from "./workshop.ts";

export interface FailedTest {
  readonly file: string;
  readonly name: string;
}

export type TestOutcome =
  | { readonly kind: "green" }
  /** The one that names the bug comes first, if there is one. */
  | { readonly kind: "red"; readonly failed: readonly FailedTest[] }
  | { readonly kind: "hung"; readonly what: string }
  | { readonly kind: "broken"; readonly why: string };

export interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

const reportName = "test-report.json";
const testTimeoutMs = 60_000;
/** Longer than any folder's tests take, on a busy machine too. */
const silenceMs = 400_000;

export async function runTests(
  workshop: Workshop,
  tests: {
    readonly filters: readonly string[];
    readonly workersMax: number;
    /** The number of the bug: many a test has it in its name. */
    readonly bug: string | undefined;
  },
): Promise<TestOutcome> {
  const report = join(workshop.root, reportName);
  await rm(report, { force: true });
  const ending = await workshop.run(
    [
      "node_modules/vitest/vitest.mjs",
      "run",
      "--project=unit",
      "--bail=12",
      "--pool=threads",
      "--no-isolate",
      `--maxWorkers=${tests.workersMax}`,
      `--testTimeout=${testTimeoutMs}`,
      "--reporter=json",
      `--outputFile=${reportName}`,
      ...tests.filters,
    ],
    silenceMs,
  );
  if (ending.kind === "hung") {
    const what = `the tests of ${tests.filters.join(" ")} did not end within ${silenceMs / 1000} s`;
    return { kind: "hung", what };
  }
  const text = await readIfThere(report);
  if (text === undefined) return { kind: "broken", why: `no report: ${lastLine(ending.output)}` };
  const parsed: Report = JSON.parse(text);
  return judgedReport(parsed, { root: workshop.root, bug: tests.bug });
}

/** A test that failed by itself says more than one that took too long. */
export function judgedReport(
  report: Report,
  of: { readonly root: string; readonly bug: string | undefined },
): TestOutcome {
  const { root, bug } = of;
  const failures = report.testResults.flatMap((file) =>
    file.assertionResults
      .filter(({ status }) => status === "failed")
      .map((each) => ({ ...each, file: relative(root, file.name).replaceAll("\\", "/") })),
  );
  const wrong = failures.filter(({ failureMessages }) => !failureMessages.some(isTimeout));
  const naming = new RegExp(`\\b${bug}\\b`);
  const rank = ({ name }: FailedTest): number => (naming.test(name) ? 0 : 1);
  const failed = wrong
    .map(({ file, fullName: name }) => ({ file, name }))
    .toSorted((left, right) => rank(left) - rank(right));
  if (failed.length > 0) return { kind: "red", failed };
  const [late] = failures;
  if (late !== undefined) {
    return {
      kind: "hung",
      what: `"${late.fullName}" (${late.file}) did not end within ${testTimeoutMs / 1000} s`,
    };
  }
  const unloaded = report.testResults.find(({ status }) => status === "failed");
  if (unloaded === undefined) return { kind: "green" };
  const why = `${relative(root, unloaded.name)}: ${lastLine(unloaded.message ?? "")}`;
  return { kind: "broken", why };
}

function isTimeout(message: string): boolean {
  return /timed out in \d+ ?ms/.test(message);
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}
