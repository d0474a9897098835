// errand-lane.ts — whatever else there is to be asked: queue keys with every way to settle a conflict, rules for
// execution keys, a key or a job that is taken from whoever has it, and reads of all kinds. What reads show is
// judged by the committed log.
import { type Caller, CompactedError, type Question, type Reply } from "@rogerd/client";
import { heldPartition } from "./hold-checks.ts";
import { queues, sharedJobs } from "./job-lane.ts";
import { Lane, type LaneParts } from "./lane.ts";

type Args = Question["args"];

const conflicts = ["reject", "replace", "replaceAndCancel", "extend"] as const;
const listed = [
  "queueKeys",
  "executionKeys",
  "cancelMarks",
  "cancelRules",
  "pauses",
  "runs",
  "finishedJobs",
] as const;

export class ErrandLane extends Lane {
  readonly #caller: Caller;

  /** `caller`: whose reads are judged. */
  constructor(parts: LaneParts & { readonly caller: Caller }) {
    super(parts);
    this.#caller = parts.caller;
  }

  protected async step(): Promise<void> {
    try {
      if (this.parts.dice.chance(0.4)) await this.#read();
      else await this.#write();
    } catch (error) {
      this.failed("errand", error);
    }
  }

  #write(): Promise<unknown> {
    const { dice } = this.parts;
    const owner = dice.pick(sharedJobs);
    const key = dice.chance(0.5) ? `q-${owner}` : dice.pick(["q-1", "q-2"]);
    switch (dice.below(7)) {
      case 0:
      case 1: {
        const onConflict = dice.pick(conflicts);
        const lasting = dice.pick<Args>([{}, { ttlMs: 1_000 }, { provisionalMs: 1_000 }]);
        const extended = onConflict === "extend" ? { ttlMs: 2_000 } : lasting;
        return this.#writes("queueKey.claim", { key, owner, onConflict, ...extended });
      }
      case 2:
        return this.#writes("queueKey.confirm", { key, owner });
      case 3:
        return this.#writes("queueKey.extend", { key, owner, ttlMs: 2_000 });
      case 4:
        return this.#writes("queueKey.release", { key, owner });
      case 5: {
        const rules = [{ prefix: "some-", limit: dice.pick([1, 2, 3]) }];
        return this.#writes("executionKey.setRules", { rules });
      }
      default: {
        const what = dice.pick([
          { kind: "executionKey", name: "taken" },
          { kind: "run", name: "taken-0" },
        ]);
        return this.#writes("admin.release", what);
      }
    }
  }

  #read(): Promise<unknown> {
    const { dice } = this.parts;
    const jobId = dice.pick(sharedJobs);
    switch (dice.below(6)) {
      case 0:
        return this.#reads("get", { kind: "runs", name: jobId });
      case 1:
        return this.#reads("cancel.check", { jobId });
      case 2:
      case 3:
      case 4:
        return this.#list({ kind: dice.pick(listed), limit: 1 + dice.below(3) });
      default: {
        // The leader adds to this what is no part of the state.
        const of: Args = dice.pick<Args>([{ jobId }, { key: "k1" }, { key: `q-${queues[0]}` }]);
        return this.parts.client.read({ command: "why", partition: heldPartition, args: of });
      }
    }
  }

  /** Often to its end, with what others do in between. Who is told that the rest is lost leaves it. */
  async #list(args: Args): Promise<void> {
    let { result } = await this.#reads("list", args);
    while (result.status === "list" && result.next !== null && this.parts.dice.chance(0.8)) {
      await this.wait(this.parts.dice.around(200));
      this.goesOn();
      const further = await this.#furtherPage({ ...args, cursor: result.next });
      if (further === undefined) return;
      ({ result } = further);
    }
  }

  async #furtherPage(args: Args): Promise<Reply | undefined> {
    try {
      return await this.#reads("list", args);
    } catch (error) {
      if (error instanceof CompactedError) return undefined;
      throw error;
    }
  }

  #writes(command: string, args: Args): Promise<unknown> {
    return this.#caller.write({ command, partition: heldPartition, args }, {});
  }

  #reads(command: string, args: Args): Promise<Reply> {
    return this.#caller.read({ command, partition: heldPartition, args }, {});
  }
}
