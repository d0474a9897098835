// vitest.config.ts — tests run on the sources (condition `@rogerd/source`), so they need no build,
// except the end-to-end ones: those start the shipped, compiled binaries. The projects run one after the other.
import { availableParallelism } from "node:os";
import { configDefaults, defineConfig } from "vitest/config";
import { LongestFirst } from "./scripts/longest-first.ts";

const conditions = ["@rogerd/source", "module", "node", "development|production"];
const resolve = { conditions };
const ssr = { resolve: { conditions, externalConditions: ["@rogerd/source"] } };

/** Judges how soon the cluster answers again, and how much: the machine is to be its own. */
const alone = ["test/faults/faults.e2e.test.ts"];

export default defineConfig({
  resolve,
  ssr,
  test: {
    sequence: { sequencer: LongestFirst },
    reporters: ["default", "./scripts/ci-reporter.mjs"],
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: [
            "packages/*/src/**/*.test.ts",
            "packages/*/test/**/*.test.ts",
            "test/{api,tidy,checkers,scenarios,simulation,roger,mutants,faults,processes}/**/*.test.ts",
          ],
          // Those start processes, and have a project of their own.
          exclude: [...configDefaults.exclude, "**/*.e2e.test.ts"],
          testTimeout: 120_000,
          maxWorkers: availableParallelism(),
          // Loading all modules again for each of hundreds of files takes longer than most of them.
          isolate: false,
          // A simulation makes much garbage that is soon dead: with little room it is copied again and again.
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "e2e",
          include: ["test/{e2e,faults}/**/*.e2e.test.ts"],
          exclude: [...configDefaults.exclude, ...alone],
          testTimeout: 300_000,
          hookTimeout: 60_000,
          // They mostly wait: for elections, leases, and processes that start.
          maxWorkers: availableParallelism() + 1,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: "alone",
          include: alone,
          testTimeout: 300_000,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
