import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { jsonProblem } from "./json-scan.ts";
import { frameDepthMax, requestContainersMax, requestKeysMax } from "./limits.ts";
import { daemonFrameBounds, requestBounds, type ScanBounds } from "./scan-bounds.ts";

const utf8 = new TextEncoder();

/** Both forms must be judged alike. */
function problem(text: string, bounds: ScanBounds = daemonFrameBounds): string | undefined {
  const ofText = jsonProblem(text, bounds);
  expect(jsonProblem(utf8.encode(text), bounds)).toBe(ofText);
  return ofText;
}

function nested(depth: number, inner = "1"): string {
  return "[".repeat(depth) + inner + "]".repeat(depth);
}

/** As the parser's own result is deep; the scan must never have another opinion. */
function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

describe("the structure of a JSON text, before it is parsed", () => {
  test("as deep as frames may be passes, one more does not", () => {
    expect(problem(nested(frameDepthMax))).toBe(undefined);
    expect(problem(nested(frameDepthMax + 1))).toMatch(/nested too deeply/);
  });

  test("maps count like lists", () => {
    const maps = `{"a":`.repeat(frameDepthMax) + "1" + "}".repeat(frameDepthMax);

    expect(problem(maps)).toBe(undefined);
    expect(problem(`[${maps}]`)).toMatch(/nested too deeply/);
  });

  test("brackets inside texts are none, whatever is escaped before them", () => {
    const brackets = "[{".repeat(100);

    expect(problem(JSON.stringify([brackets, `"${brackets}`, `\\"${brackets}`]))).toBe(undefined);
    expect(problem(JSON.stringify({ [`\\${brackets}`]: "ü–𝄞" }))).toBe(undefined);
  });

  test("a text that ends in a backslash is over, and brackets count again", () => {
    expect(problem(`["\\\\",${nested(frameDepthMax)}]`)).toMatch(/nested too deeply/);
  });

  test("many lists beside each other are not deep", () => {
    expect(problem(`[${"[],".repeat(10_000)}[]]`)).toBe(undefined);
  });

  test("as many lists and maps as a request may have pass, one more does not", () => {
    const inner = ["[]", "{}"];
    const list = (count: number): string =>
      `[${Array.from({ length: count }, (_, at) => inner[at % 2]).join(",")}]`;

    expect(problem(list(requestContainersMax - 1), requestBounds)).toBe(undefined);
    expect(problem(list(requestContainersMax), requestBounds)).toMatch(/too many lists and maps/);
  });

  test("as many keys as a request may have pass, one more does not; colons in texts are none", () => {
    const map = (count: number): string =>
      `{${Array.from({ length: count }, (_, at) => `"k:${at}" : ":"`).join(",")}}`;

    expect(problem(map(requestKeysMax), requestBounds)).toBe(undefined);
    expect(problem(map(requestKeysMax + 1), requestBounds)).toMatch(/too many keys/);
  });

  test("a list of texts is as long as the bytes allow", () => {
    const list = JSON.stringify(Array.from({ length: 100_000 }, (_, at) => `job-${at}`));

    expect(problem(list, requestBounds)).toBe(undefined);
  });

  test("what is no JSON is left to the parser", () => {
    for (const text of ["", '"', '"\\', "]]]][", "{", "nul"]) expect(problem(text)).toBe(undefined);
  });

  test("it agrees with the parser about any value", () => {
    const wrappers = fc.array(fc.oneof(fc.constant(undefined), fc.string()), {
      maxLength: 2 * frameDepthMax,
    });
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 2 }), wrappers, (inner, keys) => {
        const value = keys.reduce<unknown>(
          (within, key) => (key === undefined ? ["[", within] : { [key]: within, b: "}" }),
          inner,
        );
        const text = JSON.stringify(value);
        const isTooDeep = depthOf(JSON.parse(text)) > frameDepthMax;

        expect(problem(text) !== undefined).toBe(isTooDeep);
      }),
      { numRuns: 1_000 },
    );
  });

  test("one request may have a hundred rules", () => {
    const rule = (at: number): object => ({
      prefix: `p-${at}`,
      ...{ limit: 1, maxHoldMs: 1_000, maxWaiters: 7 },
    });
    const rules = Array.from({ length: 100 }, (_, at) => rule(at));
    const body = { partition: "acme", command: "executionKey.setRules", args: { rules } };

    expect(problem(JSON.stringify(body), requestBounds)).toBe(undefined);
  });
});
