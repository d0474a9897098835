import { expect, test } from "vitest";
import { Freeings, heardToItsEnd } from "./freeings.ts";

/** Calls that are answered when the test says so. */
function answers() {
  const sent: string[] = [];
  const answer = new Map<string, (error?: Error) => void>();
  const call = (what: string) => (): Promise<void> => {
    sent.push(what);
    return new Promise((resolve, reject) => {
      answer.set(what, (error) => (error === undefined ? resolve() : reject(error)));
    });
  };
  const rest = async (): Promise<void> => {
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  };
  const answered = async (what: string, error?: Error): Promise<void> => {
    answer.get(what)?.(error);
    await rest();
  };
  return { sent, call, answered };
}

test("what frees in one name is sent one after the other, however the one before went; other names do not wait", async () => {
  const freeings = new Freeings();
  const { sent, call, answered } = answers();
  const first = freeings.begin({ name: "a" }, call("first"));
  void freeings.begin({ name: "a" }, call("second"));
  void freeings.begin({ name: "b" }, call("beside"));
  const before = [...sent];

  const hearing = expect(first).rejects.toThrow("refused");
  await answered("first", new Error("refused"));

  await hearing;
  expect(before).toEqual(["first", "beside"]);
  expect(sent).toEqual(["first", "beside", "second"]);
});

test("what needs other names to be free, too, waits for what frees them, and frees only its own", async () => {
  const freeings = new Freeings();
  const { sent, call, answered } = answers();
  void freeings.begin({ name: "a" }, call("a"));
  void freeings.begin({ name: "b" }, call("b"));
  void freeings.begin({ name: "c", others: ["a", "b"] }, call("c"));
  await answered("a");
  const before = [...sent];
  await answered("b");

  expect(before).toEqual(["a", "b"]);
  expect(sent).toEqual(["a", "b", "c"]);
  expect(["a", "b", "c"].map((name) => freeings.has(name))).toEqual([false, false, true]);
});

test("a name is free once the last of its calls is answered", async () => {
  const freeings = new Freeings();
  const { call, answered } = answers();
  void freeings.begin({ name: "a" }, call("first"));
  void freeings.begin({ name: "a" }, call("second"));
  await answered("first");
  const before = [freeings.has("a"), freeings.under("a") !== undefined];
  await answered("second");

  expect([before, freeings.has("a"), freeings.under("a")]).toEqual([
    [true, true],
    false,
    undefined,
  ]);
});

test("what frees is given up by nobody", () => {
  const freeing = { name: "n", command: "job.finish", partition: "acme", args: { jobId: "j" } };

  expect(heardToItsEnd(freeing)).toMatchObject({ kind: "write", signal: undefined });
});
