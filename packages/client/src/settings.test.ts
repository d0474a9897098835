import { expect, test } from "vitest";
import { InvalidArgumentError } from "./errors.ts";
import { settingsOf } from "./settings.ts";

/** As a user without a compiler gives them. */
type Anything = ReturnType<typeof Reflect.get>;

const endpoints = ["n1:7401"];

test.each<readonly [string, Anything]>([
  ["options", undefined],
  ["endpoints", {}],
  ["endpoints", { endpoints: "n1:7401" }],
  ["endpoints[0]", { endpoints: [null] }],
  ["name", { endpoints, name: new Date(0) }],
  ["credential", { endpoints, credential: 5 }],
  ["clusterId", { endpoints, clusterId: 5 }],
  ["encoding", { endpoints, encoding: "xml" }],
  ["session", { endpoints, session: "foo" }],
  ["until", { endpoints, until: "foo" }],
  ["callsOpenMax", { endpoints, callsOpenMax: 0 }],
])("%s that makes no sense is named at once, and nothing is dialed", (path, options) => {
  let thrown: unknown;
  try {
    settingsOf(options);
  } catch (error) {
    thrown = error;
  }

  expect(thrown).toBeInstanceOf(InvalidArgumentError);
  expect(thrown).toMatchObject({ path });
});
