import { expect, test } from "vitest";
import * as browser from "./browser.ts";
import * as node from "./index.ts";

test("both doors hand out the same names, and all but connect are the same things", () => {
  const { connect: _, ...ofBrowser } = browser;
  const { connect: __, ...ofNode } = node;

  expect(ofBrowser).toEqual(ofNode);
  expect(Object.keys(browser)).toEqual(Object.keys(node));
});
