// stage.ts — those who are struck, as nemeses see them; and the supervisor and the operator of their nodes: who is started
// again, and what is done about a node that refuses to start (docs/operations.md).
import { eventually } from "../../processes/eventually.ts";
import { printedCommand } from "../../processes/printed-commands.ts";
import { runCommand } from "../../processes/run-command.ts";
import { lastWordsOf, type TestCluster } from "../../processes/test-cluster.ts";
import type { Hosts } from "../hosts/hosts.ts";
import type { PowerSupply } from "../shims/power-supply.ts";
import type { Shims } from "../shims/shims.ts";
import { emptyFolder, Entrance, listMembers } from "./membership.ts";
import type { Stage, WorkerHandle } from "./nemesis.ts";

interface StageParts {
  readonly hosts: Hosts;
  readonly cluster: TestCluster;
  readonly shims?: Shims;
  readonly power?: PowerSupply;
  /** Those who live now. */
  readonly workers: () => readonly WorkerHandle[];
}

/** Ended by a trouble that may be over: as a supervisor would, with `Restart=on-failure`. */
const startedAgainAfter: readonly (number | null)[] = [74];
const restartAfterMs = 500;
const startsMax = 20;

export class RunStage implements Stage {
  readonly hosts: Hosts;
  readonly cluster: TestCluster;
  readonly shims: Shims | undefined;
  readonly power: PowerSupply | undefined;
  readonly #workers: () => readonly WorkerHandle[];
  #knownVoters: readonly string[];
  readonly #reviving = new Map<string, Promise<void>>();

  constructor({ hosts, cluster, power, shims, workers }: StageParts) {
    this.hosts = hosts;
    this.cluster = cluster;
    this.shims = shims;
    this.power = power;
    this.#workers = workers;
    this.#knownVoters = cluster.founders;
  }

  get workers(): readonly WorkerHandle[] {
    return this.#workers();
  }

  /** As far as anybody knows: while nobody can say, as it was said last. */
  async members(): Promise<readonly string[]> {
    const members = await listMembers(this.cluster);
    const voters = members?.filter(({ role }) => role === "voter") ?? [];
    if (voters.length > 0) this.#knownVoters = voters.map(({ name }) => name);
    return this.#knownVoters;
  }

  /** All is as it should be, whatever was done, by whom and how far. */
  async restore(): Promise<void> {
    const { cluster, hosts, shims } = this;
    await hosts.restore();
    for (const node of cluster.names) {
      await shims?.restore(node);
      if (cluster.isRunning(node)) cluster.process(node).signal("SIGCONT");
    }
    for (const node of await this.members()) await this.revive(node);
  }

  revive(node: string): Promise<void> {
    const busy = this.#reviving.get(node);
    if (busy !== undefined) return busy;
    const reviving = this.#revive(node).finally(() => this.#reviving.delete(node));
    this.#reviving.set(node, reviving);
    return reviving;
  }

  async #revive(node: string): Promise<void> {
    for (let starts = 0; ; starts += 1) {
      if (!this.cluster.isRunning(node)) this.cluster.startNode(node);
      const code = await this.#codeUnlessItAnswers(node);
      if (code === undefined) return;
      if (code === 65) return this.#rejoin(node);
      if (code === 78) return this.#letInAgain(node);
      const mayBeOver = startedAgainAfter.includes(code) && starts < startsMax;
      if (!mayBeOver) throw this.#endedWith(node, code);
      await new Promise((resolve) => setTimeout(resolve, restartAfterMs));
    }
  }

  /** Its data can't be used: it becomes a new node, by the one command that it printed. */
  async #rejoin(node: string): Promise<void> {
    const [, ...recover] = printedCommand(this.#lastWords(node), "rogerd", "recover");
    const done = await runCommand({ program: "rogerd", args: [...recover, "--yes"] });
    if (done.code !== 0) throw new Error(`rogerd ${recover.join(" ")}: ${done.stderr}`);
    await new Entrance(this.cluster, node).votes();
  }

  /** It was taken out while it was away, or was never let in after its data was gone. */
  async #letInAgain(node: string): Promise<void> {
    const words = this.#lastWords(node);
    if (!/rogerctl member (remove|add)/.test(words)) throw this.#endedWith(node, 78);
    if (words.includes("was removed from cluster")) await emptyFolder(this.cluster, node);
    if (!(await this.#isOneTooFew(node))) return;
    await new Entrance(this.cluster, node).votes();
  }

  /** Not if another has its place meanwhile. */
  #isOneTooFew(node: string): Promise<boolean> {
    return eventually("somebody knows the members", async () => {
      const members = await listMembers(this.cluster);
      const others = members?.filter(({ name, role }) => role === "voter" && name !== node);
      return others === undefined ? undefined : others.length < this.cluster.founders.length;
    });
  }

  #codeUnlessItAnswers(node: string): Promise<number | null | undefined> {
    const daemon = this.cluster.process(node);
    const answers = eventually(`${node} answers, or ends`, async () => {
      if (!daemon.isRunning) return true;
      // While it reads its data, it answers that it can't yet.
      const { role } = (await this.cluster.nodeStatus(node)) as { readonly role?: string };
      return role !== undefined || undefined;
    });
    return Promise.race([
      daemon.exited.then(({ code }) => code),
      answers.then(() => (daemon.isRunning ? undefined : daemon.exited.then(({ code }) => code))),
    ]);
  }

  #lastWords(node: string): string {
    return lastWordsOf(this.cluster.process(node));
  }

  #endedWith(node: string, code: number | null): Error {
    return new Error(`${node} ended with ${code}:\n${this.cluster.process(node).log()}`);
  }
}
