import type { Epoch } from "@rogerd/global-state";
import { revision } from "@rogerd/global-state";
import { logIndex, type NodeId, nodeId, term } from "@rogerd/raft";
import { describe, expect, test } from "vitest";
import { silentLog } from "../observe/log.ts";
import type { HashReport } from "../peers/peer-codec.ts";
import type { Divergence } from "./divergence-note.ts";
import type { StateListener } from "./replicated-state.ts";
import { StateHashing } from "./state-hash.ts";

const [self, b, c] = [nodeId("a".repeat(32)), nodeId("b".repeat(32)), nodeId("c".repeat(32))];

/** A state whose hash is what the test says, and one epoch at a time. */
class Stage {
  hash = "aa";
  index = 0;
  isEpochOpen = false;
  stopped: string | undefined;
  diverged = 0;
  readonly sent: HashReport[] = [];
  readonly noted: (Divergence | "removed")[] = [];
  readonly #listeners: StateListener[] = [];
  readonly hashing: StateHashing;

  constructor(voters: readonly NodeId[] = [self, b, c]) {
    this.hashing = new StateHashing({
      platform: { afterTurn: (callback) => queueMicrotask(callback), monotonicNow: () => 0 },
      log: silentLog,
      self,
      everyEntries: 10,
      state: {
        listen: (listener) => this.#listeners.push(listener),
        stopServing: (reason) => {
          this.stopped = reason;
        },
        current: { revision: 0, beginEpoch: () => this.#beginEpoch() },
      },
      node: {
        status: () => ({ configuration: { voters } }),
        markDiverged: () => {
          this.diverged += 1;
        },
      },
      note: {
        path: "/data/group-0/diverged.json",
        write: (divergence) => this.noted.push(divergence),
        remove: () => this.noted.push("removed"),
      },
      send: (reports) => this.sent.push(...reports),
    });
  }

  async applyThrough(index: number): Promise<void> {
    while (this.index < index) {
      this.index += 1;
      const at = { index: logIndex(this.index), term: term(1) };
      for (const listener of this.#listeners) listener.appliedOne?.(at);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }

  restored(): void {
    for (const listener of this.#listeners) listener.restored?.();
  }

  hears(from: NodeId, ...reports: HashReport[]): void {
    this.hashing.received({ from, reports });
  }

  #beginEpoch(): Epoch | undefined {
    if (this.isEpochOpen) return undefined;
    this.isEpochOpen = true;
    const root = this.hash;
    let slices = 3;
    return {
      revision: revision(this.index),
      term: 1,
      encodeSlice: () => {
        slices -= 1;
        return slices > 0 ? "more" : "done";
      },
      root: () => root,
      chunks: () => [],
      close: () => {
        this.isEpochOpen = false;
      },
    };
  }
}

describe("nodes compare their states", () => {
  test("a hash is taken at each fixed index, told to the peers, and the last few are kept", async () => {
    const stage = new Stage();
    for (let at = 10; at <= 120; at += 10) await stage.applyThrough(at);

    expect(stage.sent.map(({ index }) => index)).toEqual([
      10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120,
    ]);
    expect(stage.hashing.recent().map(({ index }) => index)).toEqual([
      50, 60, 70, 80, 90, 100, 110, 120,
    ]);
    expect(stage.hashing.last()).toEqual({ index: 120, hash: "aa" });
  });

  test("an index that comes while an epoch is open is skipped", async () => {
    const stage = new Stage();
    stage.isEpochOpen = true;
    await stage.applyThrough(10);
    stage.isEpochOpen = false;
    await stage.applyThrough(20);

    expect(stage.sent).toEqual([{ index: 20, hash: "aa" }]);
  });

  test("equal hashes change nothing", async () => {
    const stage = new Stage();
    await stage.applyThrough(10);

    stage.hears(b, { index: 10, hash: "aa" });
    stage.hears(c, { index: 10, hash: "aa" });

    expect([stage.stopped, stage.diverged]).toEqual([undefined, 0]);
  });

  test("who differs from a majority stops serving and asks for its snapshot", async () => {
    const stage = new Stage();
    await stage.applyThrough(10);

    stage.hears(b, { index: 10, hash: "bb" });
    const afterOne = stage.stopped;
    stage.hears(c, { index: 10, hash: "bb" });

    expect(afterOne).toBeUndefined();
    expect(stage.stopped).toMatch(/differs from the majority's at index 10/);
    expect(stage.diverged).toBe(1);
  });

  test("hashes that peers sent before we had ours are compared when we have", async () => {
    const stage = new Stage();
    stage.hears(b, { index: 10, hash: "bb" });
    stage.hears(c, { index: 10, hash: "bb" });

    await stage.applyThrough(10);

    expect(stage.diverged).toBe(1);
  });

  test("who agrees with a majority goes on serving, whatever the third says", async () => {
    const stage = new Stage();
    await stage.applyThrough(10);

    stage.hears(b, { index: 10, hash: "aa" });
    stage.hears(c, { index: 10, hash: "cc" });

    expect([stage.stopped, stage.diverged]).toEqual([undefined, 0]);
  });

  test("where no hash has a majority all stop serving and leading, and say what to do", async () => {
    const stage = new Stage();
    await stage.applyThrough(10);

    stage.hears(b, { index: 10, hash: "bb" });
    stage.hears(c, { index: 10, hash: "cc" });

    expect(stage.stopped).toMatch(/no majority of the nodes agrees on the state at index 10/);
    expect(stage.stopped).toMatch(/delete \/data\/group-0\/diverged.json on that one node/);
    expect(stage.diverged).toBe(1);
    expect(stage.noted).toEqual([{ verdict: "nobody-agrees", index: 10 }]);
  });

  test("only indexes that both have are compared", async () => {
    const stage = new Stage();
    await stage.applyThrough(10);

    stage.hears(b, { index: 20, hash: "bb" });
    stage.hears(c, { index: 20, hash: "bb" });

    expect([stage.stopped, stage.diverged]).toEqual([undefined, 0]);
  });

  test("what a state said that was replaced by a snapshot no longer counts", async () => {
    const stage = new Stage();
    await stage.applyThrough(10);
    stage.restored();

    stage.hears(b, { index: 10, hash: "bb" });
    stage.hears(c, { index: 10, hash: "bb" });

    expect([stage.hashing.last(), stage.diverged]).toEqual([undefined, 0]);
  });

  test("a state that is taken back while its hash is taken is not judged by it", async () => {
    const stage = new Stage();
    stage.hears(b, { index: 10, hash: "bb" });
    stage.hears(c, { index: 10, hash: "bb" });
    const hashed = stage.applyThrough(10);

    stage.restored();
    await hashed;

    expect([stage.stopped, stage.sent]).toEqual([undefined, []]);
  });
});

describe("what was found of a state is not forgotten", () => {
  test("it is noted once, and until a snapshot of others has replaced the state", async () => {
    const stage = new Stage();
    stage.hashing.begin(undefined);
    await stage.applyThrough(10);
    stage.hears(b, { index: 10, hash: "bb" });
    stage.hears(c, { index: 10, hash: "bb" });
    stage.hears(c, { index: 10, hash: "bb" });
    const before = [...stage.noted];

    stage.restored();
    stage.restored();

    expect(before).toEqual([{ verdict: "differs", index: 10 }]);
    expect(stage.noted).toEqual([...before, "removed"]);
  });

  test("a start goes on where the run before it was: it serves and leads nothing", () => {
    const stage = new Stage();
    stage.restored(); // its own snapshot, before it begins

    stage.hashing.begin({ verdict: "differs", index: 10 });

    expect(stage.stopped).toMatch(/differs from the majority's at index 10/);
    expect([stage.diverged, stage.noted]).toEqual([1, []]);
  });

  test("a state that is known to be wrong is no evidence, until it was replaced", async () => {
    const stage = new Stage();
    stage.hashing.begin({ verdict: "nobody-agrees", index: 10 });
    await stage.applyThrough(10);
    const before = [...stage.sent];

    stage.restored();
    await stage.applyThrough(20);

    expect([before, stage.sent]).toEqual([[], [{ index: 20, hash: "aa" }]]);
  });
});
