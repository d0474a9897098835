// other-clients.ts — starts clients in a process of their own, and hears what they see.
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Said } from "./other-clients-node.ts";

const program = fileURLToPath(new URL("other-clients-node.js", import.meta.url));

export class OtherClients {
  readonly #child: ChildProcess;
  readonly #listeners = new Set<(said: Said) => void>();

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on("message", (said: Said) => {
      for (const listener of [...this.#listeners]) listener(said);
    });
  }

  /** Resolves once they are all there. */
  static async start(wanted: {
    readonly role: "jobs" | "sessions" | "watchers";
    readonly count: number;
    readonly endpoints: readonly string[];
  }): Promise<OtherClients> {
    const { count, endpoints, role } = wanted;
    const args = [role, String(count), ...endpoints];
    const others = new OtherClients(
      fork(program, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] }),
    );
    await others.hears("ready");
    return others;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** What is said next of that kind. */
  hears<Kind extends Said["kind"]>(kind: Kind): Promise<Extract<Said, { kind: Kind }>> {
    return new Promise((resolve, reject) => {
      const ended = (code: number | null): void =>
        reject(new Error(`the other clients ended with ${code}`));
      const listener = (said: Said): void => {
        if (said.kind !== kind) return;
        this.#listeners.delete(listener);
        this.#child.removeListener("exit", ended);
        resolve(said as Extract<Said, { kind: Kind }>);
      };
      this.#listeners.add(listener);
      this.#child.once("exit", ended);
    });
  }

  /** How many changes its watchers have been told. */
  async changesTold(): Promise<number> {
    const told = this.hears("told");
    this.#child.send("how many?");
    return (await told).changes;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.disconnect();
    await ended;
  }
}
