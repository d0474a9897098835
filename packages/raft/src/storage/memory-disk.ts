// memory-disk.ts — a Disk in memory that knows what was synced and what was not.
import type { Disk, DiskFile } from "./disk.ts";

export class MemoryDisk implements Disk {
  open(_path: string): Promise<DiskFile> {
    throw new Error("not built yet");
  }
  create(_path: string): Promise<DiskFile> {
    throw new Error("not built yet");
  }
  rename(_move: { readonly from: string; readonly to: string }): Promise<void> {
    throw new Error("not built yet");
  }
  remove(_path: string): Promise<void> {
    throw new Error("not built yet");
  }
  list(_directory: string): Promise<readonly string[]> {
    throw new Error("not built yet");
  }
  makeDirectory(_directory: string): Promise<void> {
    throw new Error("not built yet");
  }
  syncDirectory(_directory: string): Promise<void> {
    throw new Error("not built yet");
  }
  freeBytes(_directory: string): Promise<number> {
    throw new Error("not built yet");
  }
  /** Power cut. */
  crash(_loss: { readonly keep: "nothing" | "everything" | (() => boolean) }): void {
    throw new Error("not built yet");
  }
}
