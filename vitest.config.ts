// vitest.config.ts — tests run on the sources (condition `@rogerd/source`), so they need no build,
// except the end-to-end ones: those start the shipped, compiled binaries.
import { configDefaults, defineConfig } from "vitest/config";

const conditions = ["@rogerd/source", "module", "node", "development|production"];
const resolve = { conditions };
const ssr = { resolve: { conditions, externalConditions: ["@rogerd/source"] } };

export default defineConfig({
  resolve,
  ssr,
  test: {
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
        },
      },
      {
        extends: true,
        test: {
          name: "e2e",
          include: ["test/{e2e,faults}/**/*.e2e.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
