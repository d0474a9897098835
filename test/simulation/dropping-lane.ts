// dropping-lane.ts — whose partition is dropped again and again: fills one of its own, drops it, starts it anew, and
// finds nothing of before in it. Tokens go on (SEMANTICS §7, I3), and what it held is lost.
import { type Partition, PartitionNotStartedError } from "@rogerd/client";
import { Lane } from "./lane.ts";

const key = "k";
const queueKeys = ["q1", "q2", "q3"] as const;
const kinds = ["queueKeys", "executionKeys", "cancelMarks"] as const;

export class DroppingLane extends Lane {
  #lastToken = 0;

  get #goingPartition(): Partition {
    const { client, who } = this.parts;
    return client.partition(`${who}-goes`);
  }

  protected async step(): Promise<void> {
    try {
      await this.#fill();
      await this.#goes();
    } catch (error) {
      this.failed("dropping", error);
    }
  }

  async #fill(): Promise<void> {
    const { dice, thinkMs, who } = this.parts;
    const partition = this.#goingPartition;
    await partition.start();
    this.goesOn();
    await partition.claimQueueKey(dice.pick(queueKeys), { owner: who });
    this.goesOn();
    await partition.cancel("nobody");
    this.goesOn();
    const held = await partition.acquireExecutionKey(key, { owner: who, mode: "try" });
    // A session of before may hold it still.
    if (held.status !== "held") return;
    this.#judgeToken(held.token);
    held.signal.addEventListener("abort", () => {
      this.parts.checks.lost += 1;
    });
    await this.works(thinkMs, held.signal);
  }

  #judgeToken(token: number): void {
    if (token > this.#lastToken) this.#lastToken = token;
    else if (token < this.#lastToken) this.#isWrong(`token ${token} after ${this.#lastToken} (I3)`);
  }

  async #goes(): Promise<void> {
    this.goesOn();
    const partition = this.#goingPartition;
    const { changed } = await partition.drop();
    if (!changed) this.#isWrong("a drop of what is there changes nothing");
    this.goesOn();
    const listed = await partition.list("queueKeys").catch((error: unknown) => error);
    if (!(listed instanceof PartitionNotStartedError)) {
      if (listed instanceof Error) throw listed;
      this.#isWrong("a dropped partition answers");
    }
    // Whatever is held from now on was granted after the drop.
    this.#lastToken += 1;
    this.goesOn();
    await partition.start();
    for (const kind of kinds) {
      this.goesOn();
      const { items } = await partition.list(kind);
      if (items.length === 0) continue;
      this.#isWrong(`${kind} are there after a drop: ${JSON.stringify(items)}`);
    }
  }

  #isWrong(what: string): void {
    this.failed("dropping", new Error(what));
  }
}
