import { JobCancelledError, LeaseLostError } from "@rogerd/client";
import { describe, expect, test } from "vitest";
import { Holding } from "./holding.ts";
import { Teller } from "./teller.ts";

class Scene {
  readonly aborts = new AbortController();
  #written = "";
  readonly #teller = new Teller({
    worker: "w1",
    write: (text) => {
      this.#written += text;
    },
  });
  readonly holding = new Holding(this.#teller, {
    owner: "o",
    things: ["job j-1", "key k1"],
    token: 4,
    revision: 9,
    signal: this.aborts.signal,
  });

  get written(): readonly object[] {
    const lines = this.#written.split("\n").slice(0, -1);
    return lines.map((line): object => JSON.parse(line));
  }
}

const held = [
  { kind: "held", worker: "w1", owner: "o", thing: "job j-1", token: 4, revision: 9 },
  { kind: "held", worker: "w1", owner: "o", thing: "key k1", token: 4, revision: 9 },
];
const left = (why: string) => [
  { kind: "left", worker: "w1", thing: "job j-1", token: 4, why },
  { kind: "left", worker: "w1", thing: "key k1", token: 4, why },
];

describe("what is held", () => {
  test("is left before it is given back: all is told by then", () => {
    const scene = new Scene();

    scene.holding.givesBack();

    expect(scene.written).toMatchObject([...held, ...left("gives-back")]);
    expect(scene.holding.isLost).toBe(false);
  });

  test("is left in the moment in which it is lost, and only once", () => {
    const scene = new Scene();

    scene.aborts.abort(new LeaseLostError({ message: "" }));
    scene.holding.givesBack();

    expect(scene.written).toMatchObject([...held, ...left("LeaseLostError")]);
    expect(scene.holding.isLost).toBe(true);
  });

  test("is not left by who is to stop", () => {
    const scene = new Scene();

    scene.aborts.abort(new JobCancelledError({ message: "", by: "", reason: "" }));

    expect(scene.holding.isLost).toBe(false);
    scene.holding.givesBack();
    expect(scene.written).toMatchObject([...held, ...left("gives-back")]);
  });
});
