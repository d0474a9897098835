// power-supply.ts — disks whose power can be cut: each node's is a small ext4 file system in a file, mounted
// by a loop device. A cut is the shutdown ioctl: what was not synced is gone, and nothing can be written until
// the power is back. Mounts are made in the mount namespace that the run is in, and go with it.
import { execFile } from "node:child_process";
import { mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { compile } from "./compile.ts";

const run = promisify(execFile);
/** As thin as what is written: logs are kept beside the data (log/kept-logs.ts), of an hour too. */
const imageBytes = 4 * 1024 * 1024 * 1024;
/** Few files, large ones; and no journal for so large a disk. */
const made = ["-q", "-F", "-N", "4096", "-J", "size=16"];

export class PowerSupply implements AsyncDisposable {
  readonly #folder: string;
  readonly #cutter: string;
  readonly #mounted = new Map<string, string>();
  readonly #dark = new Set<string>();
  /** What somebody does on a disk now. */
  readonly #busy = new Map<string, Promise<void>>();

  private constructor(folder: string, cutter: string) {
    this.#folder = folder;
    this.#cutter = cutter;
  }

  /** Throws where nothing may be mounted. `folder`: is there, and goes with the run. */
  static async connect(folder: string, disks: ReadonlyMap<string, string>): Promise<PowerSupply> {
    const cutter = await compile("shims/power-cut.c", { folder, as: "program" });
    const supply = new PowerSupply(folder, cutter);
    try {
      for (const [node, mount] of disks) await supply.#add(node, mount);
      return supply;
    } catch (error) {
      await supply[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Its daemon still runs, and can write nothing any more. */
  async cut(node: string): Promise<void> {
    this.#dark.add(node);
    await run(this.#cutter, [this.#mountOf(node)]);
  }

  /** Once nobody has a file open there. */
  async back(node: string): Promise<void> {
    const mount = this.#mountOf(node);
    await this.#busy.get(node);
    await run("umount", [mount]);
    await this.#mount(node, mount);
    this.#dark.delete(node);
  }

  /** Something on a node's disk, unless its power is away; until it is done the disk stays where it is. */
  async whilePowered(node: string, work: () => Promise<void>): Promise<void> {
    if (this.#dark.has(node)) return;
    const busy = work();
    this.#busy.set(node, busy);
    await busy;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const [node, mount] of this.#mounted) {
      await run("umount", ["--lazy", mount]);
      await rm(this.#imageOf(node), { force: true });
    }
    this.#mounted.clear();
  }

  async #add(node: string, mountpoint: string): Promise<void> {
    const image = await open(this.#imageOf(node), "w");
    await image.truncate(imageBytes);
    await image.close();
    await run("mkfs.ext4", [...made, this.#imageOf(node)]);
    await mkdir(mountpoint, { recursive: true });
    await this.#mount(node, mountpoint);
    this.#mounted.set(node, mountpoint);
  }

  async #mount(node: string, at: string): Promise<void> {
    await run("mount", ["-o", "loop", this.#imageOf(node), at]);
  }

  #mountOf(node: string): string {
    const mount = this.#mounted.get(node);
    if (mount === undefined) throw new Error(`${node} has no power supply`);
    return mount;
  }

  #imageOf(node: string): string {
    return join(this.#folder, `${node}.img`);
  }
}
