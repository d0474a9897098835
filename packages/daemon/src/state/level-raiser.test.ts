import type { FeatureLevel } from "@rogerd/global-state";
import { logTimeMs } from "@rogerd/global-state";
import { type NodeId, nodeId, type RoleName, term } from "@rogerd/raft";
import { expect, test } from "vitest";
import { RaftEvents } from "../observe/raft-events.ts";
import { decodeEntry } from "./command-codec.ts";
import { LevelRaiser } from "./level-raiser.ts";

const [self, other, learner] = ["1", "2", "3"].map((digit) => nodeId(digit.repeat(32)));

/** A node of three whose role, peers and timers the test moves. */
class Stage {
  readonly levels = new Map<NodeId, FeatureLevel>();
  readonly proposed: string[] = [];
  outcome = "applied";
  hasStamp = true;
  featureLevel: FeatureLevel = 1;
  readonly #events = new RaftEvents();
  #timer: (() => void) | undefined;
  readonly raiser: LevelRaiser;

  constructor() {
    const current = { level: (): FeatureLevel => this.featureLevel };
    this.raiser = new LevelRaiser({
      platform: {
        setTimer: (_delayMs, callback) => {
          this.#timer = callback;
          return {
            cancel: () => {
              if (this.#timer === callback) this.#timer = undefined;
            },
          };
        },
      },
      log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, fatal: () => {} },
      self: self ?? nodeId(""),
      state: {
        current: {
          get featureLevel(): FeatureLevel {
            return current.level();
          },
        },
      },
      clock: {
        stamp: () => (this.hasStamp ? { logTime: logTimeMs(7), wallMs: 9 } : undefined),
      },
      events: this.#events,
      node: {
        propose: async (payload) => {
          const { submissions } = decodeEntry(payload);
          this.proposed.push(JSON.stringify(submissions.map(({ write }) => write)));
          if (this.outcome === "applied") this.featureLevel = 2;
          return { kind: this.outcome };
        },
        status: () => ({
          configuration: {
            members: [self, other, learner].map((id) => ({
              id: id ?? nodeId(""),
              name: "n",
              peerUrl: "ws://p",
              clientUrl: "ws://c",
            })),
          },
        }),
      },
      levelOf: (peer) => this.levels.get(peer),
    });
  }

  knows(peer: NodeId | undefined, level: FeatureLevel): void {
    if (peer !== undefined) this.levels.set(peer, level);
  }

  role(role: RoleName): void {
    this.#events.roleChanged({ role, term: term(3), leaderId: undefined, cause: "a test" });
  }

  get isWaiting(): boolean {
    return this.#timer !== undefined;
  }

  /** The timer rings, if there is one; what it begins is awaited. */
  async ring(): Promise<void> {
    const callback = this.#timer;
    this.#timer = undefined;
    callback?.();
    await Promise.resolve();
    await Promise.resolve();
  }
}

const raised = JSON.stringify([{ name: "admin.raiseFeatureLevel", args: { level: 2 } }]);

test("a leader raises the level once every member is there and knows it, and then never again", async () => {
  const stage = new Stage();
  stage.role("leader");
  await stage.ring();
  stage.knows(other, 2);
  await stage.ring();
  stage.knows(learner, 1);
  await stage.ring();
  expect(stage.proposed).toEqual([]);

  stage.knows(learner, 2);
  await stage.ring();

  expect(stage.proposed).toEqual([raised]);
  expect(stage.isWaiting).toBe(false);
});

test("who does not lead, or does not know the time yet, proposes nothing", async () => {
  const stage = new Stage();
  for (const peer of [other, learner]) stage.knows(peer, 2);
  stage.role("follower");
  await stage.ring();
  stage.hasStamp = false;
  stage.role("leader");
  await stage.ring();
  expect(stage.proposed).toEqual([]);
  expect(stage.isWaiting).toBe(true);

  stage.role("follower");
  expect(stage.isWaiting).toBe(false);
});

test("what was refused or lost is proposed again by who still leads", async () => {
  const stage = new Stage();
  for (const peer of [other, learner]) stage.knows(peer, 2);
  stage.outcome = "overloaded";
  stage.role("leader");
  await stage.ring();
  stage.outcome = "applied";
  await stage.ring();

  expect(stage.proposed).toEqual([raised, raised]);
});

test("a stopped one does nothing more", async () => {
  const stage = new Stage();
  for (const peer of [other, learner]) stage.knows(peer, 2);
  stage.role("leader");
  stage.raiser.stop();
  await stage.ring();
  stage.role("leader");
  await stage.ring();

  expect(stage.proposed).toEqual([]);
});
