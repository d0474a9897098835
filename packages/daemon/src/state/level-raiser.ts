// level-raiser.ts — who leads raises the feature level of the cluster as soon as every member runs a program
// that knows the next one (SEMANTICS §3): from that entry on new commands may be put into the log. While
// one member is older, or not there to say, nothing is raised, and all goes on as before.
import { type FeatureLevel, featureLevelLast } from "@rogerd/global-state";
import type { Configuration, NodeId, Timer } from "@rogerd/raft";
import type { Log } from "../observe/log.ts";
import type { RaftEvents } from "../observe/raft-events.ts";
import type { Platform } from "../platform.ts";
import { encodeEntry } from "./command-codec.ts";
import type { LogClock } from "./log-clock.ts";
import type { ReplicatedState } from "./replicated-state.ts";

export interface LevelRaiserParts {
  readonly platform: Pick<Platform, "setTimer">;
  readonly log: Log;
  readonly self: NodeId;
  readonly state: { readonly current: Pick<ReplicatedState["current"], "featureLevel"> };
  readonly clock: Pick<LogClock, "stamp">;
  readonly events: Pick<RaftEvents, "subscribe">;
  readonly node: {
    propose(payload: Uint8Array): Promise<{ readonly kind: string }>;
    status(): { readonly configuration: Pick<Configuration, "members"> };
  };
  /** Undefined: that peer is not connected. */
  readonly levelOf: (peer: NodeId) => FeatureLevel | undefined;
}

const lookMs = 250;

export class LevelRaiser {
  readonly #parts: LevelRaiserParts;
  #timer: Timer | undefined;
  #leads = false;
  #isStopped = false;

  constructor(parts: LevelRaiserParts) {
    this.#parts = parts;
    parts.events.subscribe({
      roleChanged: ({ role }) => {
        this.#timer?.cancel();
        this.#timer = undefined;
        this.#leads = role === "leader";
        this.#wait();
      },
    });
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  #wait(): void {
    if (this.#isStopped || !this.#leads || this.#next() === undefined) return;
    this.#timer = this.#parts.platform.setTimer(lookMs, () => void this.#look());
  }

  async #look(): Promise<void> {
    const { clock, log, node, state } = this.#parts;
    const level = this.#next();
    const stamp = clock.stamp();
    if (level === undefined) return;
    if (stamp === undefined || !this.#isKnownToAll(level)) return this.#wait();
    const write = { name: "admin.raiseFeatureLevel", args: { level } } as const;
    const submissions = [{ origin: { kind: "none" }, write }] as const;
    const { kind } = await node.propose(encodeEntry({ ...stamp, submissions }));
    if (kind === "applied")
      log.info({ featureLevel: state.current.featureLevel }, "feature level raised");
    // Refused, perhaps because leadership is being handed over: who still leads tries again.
    this.#wait();
  }

  /** Undefined: all that this program knows is in force. */
  #next(): FeatureLevel | undefined {
    const { featureLevel } = this.#parts.state.current;
    return featureLevel < featureLevelLast ? featureLevelLast : undefined;
  }

  #isKnownToAll(level: FeatureLevel): boolean {
    const { levelOf, node, self } = this.#parts;
    const { members } = node.status().configuration;
    return members.every(({ id }) => id === self || (levelOf(id) ?? 0) >= level);
  }
}
