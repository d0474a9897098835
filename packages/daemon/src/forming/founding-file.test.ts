import { type Configuration, MemoryDisk, nodeId } from "@rogerd/raft";
import { describe, expect, test } from "vitest";
import { readFoundingNote, removeFoundingNote, writeFoundingNote } from "./founding-file.ts";

const id = nodeId("a".repeat(32));
const configuration: Configuration = {
  voters: [id],
  votersOutgoing: [],
  learners: [],
  members: [{ id, name: "n1", clientUrl: "ws://c", peerUrl: "ws://p" }],
  removed: [],
};
const note = { clusterId: "c".repeat(32), configuration };

async function folder(): Promise<{ disk: MemoryDisk; directory: string }> {
  const disk = new MemoryDisk();
  await disk.makeDirectory("/data/n1");
  for (const directory of ["/", "/data"]) await disk.syncDirectory(directory);
  return { disk, directory: "/data/n1" };
}

describe("the founding note", () => {
  test("is there, whole, after a power cut that keeps nothing unsynced", async () => {
    const { disk, directory } = await folder();
    await writeFoundingNote({ disk, directory }, note);

    const left = disk.afterCrash({ keep: "nothing" });

    expect(await readFoundingNote({ disk: left, directory })).toEqual(note);
  });

  test("is gone for good when it was removed", async () => {
    const { disk, directory } = await folder();
    await writeFoundingNote({ disk, directory }, note);
    await removeFoundingNote({ disk, directory });

    const left = disk.afterCrash({ keep: "nothing" });

    expect(await readFoundingNote({ disk: left, directory })).toBeUndefined();
  });

  test("is whole or not there, wherever the power is cut", async () => {
    const found = new Set<string>();
    for (let cutAt = 1; cutAt <= 12; cutAt += 1) {
      for (const keep of ["nothing", "everything"] as const) {
        const { disk, directory } = await folder();
        let left = disk;
        let operations = 0;
        disk.watch({
          before: () => {
            operations += 1;
            if (operations === cutAt) left = disk.afterCrash({ keep });
            return undefined;
          },
        });
        await writeFoundingNote({ disk, directory }, note);
        const read = await readFoundingNote({ disk: left, directory });
        found.add(read === undefined ? "nothing" : "the note");
        expect([undefined, note]).toContainEqual(read);
      }
    }

    expect(found).toEqual(new Set(["nothing", "the note"]));
  });

  test("one that is damaged refuses the start and says what to do", async () => {
    const { disk, directory } = await folder();
    await writeFoundingNote({ disk, directory }, note);
    disk.damage({ path: `${directory}/founding.json`, at: 0, bytes: new Uint8Array([0x5b]) });

    await expect(readFoundingNote({ disk, directory })).rejects.toThrow(
      /empty this data directory/,
    );
  });
});
