import { describe, expect, test } from "vitest";
import type { Reply } from "./call.ts";
import { CompactedError, UnavailableError } from "./errors.ts";
import { listPages } from "./list.ts";

const lost = () =>
  new CompactedError({ message: "list again", outcomeKnown: true, revision: undefined });

function pageOf(selector: string, next: string | null): Reply {
  const item = { selector, by: "ann", reason: "", since: 1 };
  return { revision: 7, n: 0, result: { status: "list", items: [item], next } };
}

/** Answers in turn, and notes the cursors. */
function answering(answers: readonly (Reply | Error)[]): {
  readonly ask: (args: Readonly<Record<string, unknown>>) => Promise<Reply>;
  readonly cursors: unknown[];
} {
  const left = [...answers];
  const cursors: unknown[] = [];
  const ask = (args: Readonly<Record<string, unknown>>): Promise<Reply> => {
    cursors.push(args["cursor"]);
    const answer = left.shift() ?? lost();
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  return { ask, cursors };
}

describe("all pages of a list", () => {
  test("begin again where the rest is lost, and nothing of the first attempt is handed out", async () => {
    const { ask, cursors } = answering([
      pageOf("a", "one"),
      lost(),
      pageOf("b", "two"),
      pageOf("c", null),
    ]);

    const items = await listPages("pauses", {}, ask);

    expect(items.map(({ selector }) => selector)).toEqual(["b", "c"]);
    expect(cursors).toEqual([undefined, "one", undefined, "two"]);
  });

  test("that are lost time and again fail with what was said", async () => {
    const { ask, cursors } = answering([]);

    await expect(listPages("pauses", {}, ask)).rejects.toBeInstanceOf(CompactedError);
    expect(cursors).toHaveLength(4);
  });

  test("fail at once with any other error", async () => {
    const error = new UnavailableError({ message: "no", outcomeKnown: true });
    const { ask, cursors } = answering([pageOf("a", "one"), error]);

    await expect(listPages("pauses", {}, ask)).rejects.toBe(error);
    expect(cursors).toHaveLength(2);
  });
});
