import { DiskError, MemoryDisk } from "@rogerd/raft";
import { describe, expect, test } from "vitest";
import { DivergenceNote, type DivergencePlace, readDivergence } from "./divergence-note.ts";

const directory = "/data/group-0";
const ours = "a".repeat(32);

async function aPlace(): Promise<DivergencePlace & { readonly disk: MemoryDisk }> {
  const disk = new MemoryDisk();
  await disk.makeDirectory(directory);
  await disk.syncDirectory("/data");
  await disk.syncDirectory("/");
  return { disk, directory, clusterId: ours };
}

function noteAt(place: DivergencePlace): DivergenceNote {
  return new DivergenceNote({
    ...place,
    failed: (cause) => {
      throw cause;
    },
  });
}

describe("the note of a divergence", () => {
  test.each(["differs", "nobody-agrees"] as const)(
    "that says %s outlives a power cut",
    async (verdict) => {
      const place = await aPlace();
      const note = noteAt(place);
      note.write({ verdict, index: 4_096 });
      await note.written();

      place.disk.crash({ keep: "nothing" });

      expect(await readDivergence(place)).toEqual({ verdict, index: 4_096 });
    },
  );

  test("is gone for good once it was removed, also before it was there", async () => {
    const place = await aPlace();
    const note = noteAt(place);
    note.remove();
    note.write({ verdict: "differs", index: 1 });
    note.remove();
    await note.written();

    place.disk.crash({ keep: "nothing" });

    expect(await readDivergence(place)).toBeUndefined();
  });

  test("of another cluster says nothing: this folder's data was made anew", async () => {
    const place = await aPlace();
    const note = noteAt(place);
    note.write({ verdict: "differs", index: 1 });
    await note.written();

    expect(await readDivergence({ ...place, clusterId: "b".repeat(32) })).toBeUndefined();
  });

  test.each(["", "{}", "[1", '{"clusterId":"x","verdict":"fine","index":1}'])(
    "that can't be read (%j) is one all the same",
    async (text) => {
      const place = await aPlace();
      const file = await place.disk.create(`${directory}/diverged.json`);
      await file.write({ at: 0, buffers: [new TextEncoder().encode(text)] });

      expect(await readDivergence(place)).toEqual({ verdict: "differs", index: 0 });
    },
  );

  test("that can't be written ends the node", async () => {
    const place = await aPlace();
    place.disk.watch({
      before: ({ path }) =>
        Promise.reject(new DiskError({ code: "input-output", path, message: "broken" })),
    });
    const failures: unknown[] = [];
    const note = new DivergenceNote({ ...place, failed: (cause) => failures.push(cause) });

    note.write({ verdict: "differs", index: 1 });
    await note.written();

    expect(failures).toMatchObject([{ name: "DiskError", code: "input-output" }]);
  });
});
