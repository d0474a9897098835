import { describe, expect, test } from "vitest";
import { Credentials } from "./credentials.ts";

const platform = {
  isSameSecret: (pair: { readonly given: string; readonly expected: string }) =>
    pair.given === pair.expected,
};

describe("credentials", () => {
  test("where the settings name none, anybody may ask", () => {
    const credentials = new Credentials({ expected: undefined, platform });

    expect([credentials.judge(undefined), credentials.judge("x")]).toEqual([
      "accepted",
      "accepted",
    ]);
  });

  test("where the settings name one, only who presents it may ask", () => {
    const credentials = new Credentials({ expected: "secret", platform });

    expect([undefined, "", "Secret", "secret"].map((given) => credentials.judge(given))).toEqual([
      "missing",
      "wrong",
      "wrong",
      "accepted",
    ]);
  });
});
