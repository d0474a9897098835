// curl-reader.ts — reads over HTTP, as with curl: no session, no patience, no second try. They reach a
// leader in its very first moment and in its last, when clients of the library do not ask it yet or any
// more. An answer may not be older than one that anybody was given before (V11).
import type { ClientChecks } from "./client-checks.ts";
import type { Machine } from "./machine.ts";
import { clientPort } from "./options.ts";
import type { World } from "./world.ts";

const everyMs = 60;
/** After a node has become leader, as soon as this. */
const soonMs = [0, 1, 4, 15] as const;

export class CurlReader {
  readonly #world: World;
  readonly #checks: ClientChecks;
  readonly #machines: () => readonly Machine[];

  constructor(parts: {
    readonly world: World;
    readonly checks: ClientChecks;
    readonly machines: () => readonly Machine[];
  }) {
    this.#world = parts.world;
    this.#checks = parts.checks;
    this.#machines = parts.machines;
  }

  begin(): void {
    this.#world.time.schedule({
      afterMs: everyMs,
      run: () => {
        for (const machine of this.#machines()) this.#read(machine, 0);
        this.begin();
      },
    });
  }

  leads(machine: Machine): void {
    for (const afterMs of soonMs) this.#read(machine, afterMs);
  }

  /** Who does not believe that it leads answers with somebody else's address. */
  #read(machine: Machine, afterMs: number): void {
    const { process } = machine;
    if (process === undefined) return;
    const run = (): void => {
      if (machine.status?.raft?.role === "leader") void this.#ask(machine);
    };
    this.#world.time.schedule({ afterMs, process, run });
  }

  async #ask(machine: Machine): Promise<void> {
    const seen = this.#checks.beforeRead();
    const body = { partition: "shared", command: "roger.queueGetPaused", args: {} };
    const answer = await this.#world.network.ask(machine.host, clientPort, {
      method: "POST",
      path: "/v1/command",
      query: {},
      body: JSON.stringify(body),
    });
    if (answer?.status !== 200) return;
    const told: unknown = JSON.parse(answer.body);
    const isReply = typeof told === "object" && told !== null && "revision" in told;
    if (isReply) seen.answered({ by: machine.name, revision: Number(told.revision) });
  }
}
