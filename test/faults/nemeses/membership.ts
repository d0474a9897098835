// membership.ts — what an operator does about members, by rogerctl: looks at them, does the next thing, looks again. A node
// whose data is gone, or is to go, comes back under its name as a new member, as docs/operations.md says.
import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { eventually } from "../../processes/eventually.ts";
import type { TestCluster } from "../../processes/test-cluster.ts";
import { leaderNow } from "./whom.ts";

export interface ListedMember {
  readonly id: string;
  readonly name: string;
  readonly role: "voter" | "learner" | "leaving";
  readonly leads: boolean;
}

interface Listed {
  readonly joint: boolean;
  readonly members: readonly ListedMember[];
}

/** Undefined: nobody can say now, or they are changing. As `rogerctl members` asks it, without a process each time. */
export async function listMembers(
  cluster: TestCluster,
): Promise<readonly ListedMember[] | undefined> {
  const leader = await leaderNow({ cluster });
  if (leader === undefined) return undefined;
  const url = `http://${cluster.place(leader).listenClient}/v1/admin/members`;
  const signal = AbortSignal.timeout(2_000);
  const headers = { "content-type": "application/json" };
  // It may end, or be frozen, or lead no more in this moment.
  const answer = await fetch(url, { method: "POST", body: "{}", headers, signal }).catch(
    () => undefined,
  );
  if (answer?.ok !== true) return undefined;
  const { joint, members } = (await answer.json()) as Listed;
  return joint ? undefined : members;
}

/** A new member, of a name that nobody has; its folder is empty, or says that it is a new node. It votes in the end. */
export class Entrance {
  readonly #cluster: TestCluster;
  readonly #name: string;
  /** It was started with a secret; else who is listed under its name is not it. */
  #hasSecret = false;

  constructor(cluster: TestCluster, name: string) {
    this.#cluster = cluster;
    this.#name = name;
  }

  /** Is there and learns. */
  async joins(): Promise<void> {
    await this.#until("learns", async () => (await this.#step()) !== undefined || undefined);
  }

  async votes(): Promise<void> {
    await this.#until("votes", async () => {
      const role = await this.#step();
      if (role === "voter") return true;
      if (role === "learner") await this.#cluster.rogerctl("member", "promote", this.#name);
      return undefined;
    });
  }

  /** In a voter's place, who is told, and ends. */
  async replaces(voter: string): Promise<void> {
    await this.#until(`votes in the place of ${voter}`, async () => {
      const role = await this.#step();
      if (role === "voter") return true;
      const command = ["member", "replace", voter, "--with", this.#name, "--yes"];
      if (role === "learner") await this.#cluster.rogerctl(...command);
      return undefined;
    });
  }

  /** Its role once it is itself that is listed. */
  async #step(): Promise<ListedMember["role"] | undefined> {
    const members = await listMembers(this.#cluster);
    if (members === undefined) return undefined;
    const namesake = members.find(({ name }) => name === this.#name);
    if (this.#hasSecret && namesake !== undefined && this.#cluster.isRunning(this.#name)) {
      return namesake.role;
    }
    if (namesake !== undefined) await this.#cluster.rogerctl(...removal(namesake.id));
    else await this.#join();
    return undefined;
  }

  async #join(): Promise<void> {
    if (this.#hasSecret) await emptyFolder(this.#cluster, this.#name);
    this.#hasSecret = true;
    await this.#cluster.joinNode(this.#name);
  }

  #until(what: string, look: () => Promise<true | undefined>): Promise<true> {
    return eventually(`${this.#name} ${what}`, look, { withinMs: 120_000, everyMs: 200 });
  }
}

/** It is told, and ends; its folder is of no use any more. */
export async function removeMember(cluster: TestCluster, name: string): Promise<void> {
  await eventually(
    `${name} is no member any more`,
    async () => {
      const members = await listMembers(cluster);
      if (members === undefined) return undefined;
      const listed = members.find((member) => member.name === name);
      if (listed === undefined) return true;
      await cluster.rogerctl(...removal(listed.id));
      return undefined;
    },
    { withinMs: 120_000, everyMs: 200 },
  );
  await emptyFolder(cluster, name);
}

/** Whoever runs there is ended first. The folder itself stays: it may be a disk of its own. */
export async function emptyFolder(cluster: TestCluster, name: string): Promise<void> {
  if (cluster.isRunning(name)) await cluster.process(name).kill();
  const folder = cluster.dataDirectory(name);
  const inside = existsSync(folder) ? await readdir(folder) : [];
  await Promise.all(inside.map((each) => rm(join(folder, each), { recursive: true, force: true })));
}

function removal(id: string): readonly string[] {
  return ["member", "remove", id, "--yes"];
}
