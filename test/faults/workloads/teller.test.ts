import { RogerdError } from "@rogerd/client";
import { describe, expect, test } from "vitest";
import { eventually } from "../../processes/eventually.ts";
import type { HistoryLine } from "../history/history-line.ts";
import { gaveUp, Teller } from "./teller.ts";

const call = { workload: "keys", object: "key k1", asks: { form: "release" } } as const;
const plain = (answer: unknown) => ({ answer });

class Paper {
  #written = "";
  readonly teller = new Teller({
    worker: "w1",
    write: (text) => {
      this.#written += text;
    },
  });

  get lines(): readonly HistoryLine[] {
    const lines = this.#written.split("\n").slice(0, -1);
    return lines.map((line): HistoryLine => JSON.parse(line));
  }
}

describe("a call", () => {
  test("is told before it is made, and its answer by and by", async () => {
    const paper = new Paper();
    let atCall: readonly HistoryLine[] = [];
    const make = async (): Promise<string> => {
      atCall = paper.lines;
      return "done";
    };

    await paper.teller.call(call, make, (answer) => ({ answer, revision: 7 }));

    const begin = { kind: "begin", worker: "w1", id: 1, ...call };
    expect(atCall).toMatchObject([begin]);
    await eventually("it is told", async () => paper.lines.length === 2 || undefined);
    const end = { kind: "end", worker: "w1", id: 1, outcome: "answered" };
    expect(paper.lines).toMatchObject([begin, { ...end, answer: "done", revision: 7 }]);
  });

  test("that fails says what is known of it", async () => {
    const paper = new Paper();
    const failures = [
      new RogerdError("unavailable", { message: "", outcomeKnown: true }),
      new RogerdError("indeterminate", { message: "" }),
      gaveUp,
      new TypeError("a bug"),
    ];

    for (const failure of failures) {
      expect(await paper.teller.call(call, () => Promise.reject(failure), plain)).toBe(undefined);
    }

    paper.teller.flush();
    const ends = paper.lines.filter((line) => line.kind === "end");
    expect(ends).toMatchObject([
      { id: 1, outcome: "without-effect", code: "unavailable" },
      { id: 2, outcome: "unknown", code: "indeterminate" },
      { id: 3, outcome: "unknown", code: "gave_up" },
      { id: 4, outcome: "unknown", code: expect.stringContaining("TypeError: a bug") },
    ]);
  });
});

test("what is told at once takes along what waits, in its order", () => {
  const paper = new Paper();
  paper.teller.say({ kind: "watch", watch: "keys w1", what: "begins", revision: 1 });
  expect(paper.lines).toEqual([]);

  paper.teller.sayAtOnce({ kind: "left", thing: "key k1", token: 1, why: "gives-back" });

  expect(paper.lines.map(({ kind }) => kind)).toEqual(["watch", "left"]);
});
