// wire.ts — a TCP connection between two processes on hosts of a run: what is said at one end is heard at the other one,
// if the links between them let it through.
import { ClientProcess } from "../../processes/client-process.ts";
import { eventually } from "../../processes/eventually.ts";

const program = "../faults/hosts/wire-end";

interface Fact {
  readonly state?: string;
  readonly heard?: string;
}

/** A process that listens or dials, on a host. */
export class WireEnd implements AsyncDisposable {
  readonly #process: ClientProcess<Fact>;
  readonly #name: string;

  constructor(parts: { readonly within: readonly string[]; readonly args: readonly string[] }) {
    this.#name = parts.args.join(" ");
    this.#process = new ClientProcess({ program, ...parts });
  }

  say(line: string): void {
    this.#process.say(line);
  }

  get heard(): readonly string[] {
    return this.#process.facts.flatMap(({ heard }) => heard ?? []);
  }

  get states(): readonly string[] {
    return this.#process.facts.flatMap(({ state }) => state ?? []);
  }

  async is(state: string): Promise<void> {
    await eventually(
      `${this.#name} is ${state}`,
      async () => this.states.includes(state) || undefined,
    );
  }

  async hears(line: string): Promise<void> {
    await eventually(
      `${this.#name} hears ${line.slice(0, 40)}`,
      async () => this.heard.includes(line) || undefined,
    );
  }

  kill(): Promise<void> {
    return this.#process.kill();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
