// longest-first.ts — the order of test files: those that take longest begin first, so that no worker is left alone
// with one of them at the end. All others in the order that vitest gives them.
import { existsSync } from "node:fs";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const longest = [
  "test/simulation/simulation.test.ts",
  "packages/global-state/test/jobs.test.ts",
  "packages/daemon/test/forming/crash-points.test.ts",
  "packages/global-state/test/execution-keys.test.ts",
  "test/e2e/leader-kills.e2e.test.ts",
  "test/e2e/forming.e2e.test.ts",
  "test/faults/hosts/links.e2e.test.ts",
  "test/e2e/replace-all-nodes.e2e.test.ts",
  "test/e2e/single-node.e2e.test.ts",
  "test/e2e/backup.e2e.test.ts",
];

for (const path of longest) {
  if (!existsSync(new URL(`../${path}`, import.meta.url))) throw new Error(`${path} is not there`);
}

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const at = longest.findIndex((path) => moduleId.endsWith(path));
      return at < 0 ? longest.length : at;
    };
    const sorted = await super.sort(files);
    return sorted.toSorted((one, other) => place(one) - place(other));
  }
}
