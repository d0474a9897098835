import { describe, expect, test } from "vitest";
import { ForgottenLogError } from "../core/forgotten-log.ts";
import { logIndex, term } from "../core/ids.ts";
import { readForgottenNote, refuseForgotten, writeForgottenNote } from "./forgotten-note.ts";
import { MemoryDisk } from "./memory-disk.ts";
import { makeFolder } from "./small-file.ts";

const directory = "/data/group-0/wal";
const forgotten = { term: term(4), acknowledged: logIndex(9), lastIndex: logIndex(7) };

async function aLogFolder(): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  await makeFolder(disk, directory);
  return disk;
}

describe("forgotten.json", () => {
  test("says over power cuts what was found, in the same words", async () => {
    const disk = await aLogFolder();
    await refuseForgotten({ disk, directory });

    await writeForgottenNote({ disk, directory, forgotten });

    disk.crash({ keep: "nothing" });
    expect(await readForgottenNote({ disk, directory })).toEqual(forgotten);
    await expect(refuseForgotten({ disk, directory })).rejects.toThrow(
      new ForgottenLogError(forgotten).message,
    );
  });

  test("refuses, too, where it does not read: damage is no permission", async () => {
    const disk = await aLogFolder();
    await writeForgottenNote({ disk, directory, forgotten });
    disk.damage({ path: `${directory}/forgotten.json`, at: 0, bytes: new Uint8Array(5) });

    await expect(refuseForgotten({ disk, directory })).rejects.toThrow(
      /forgotten.json is there: .* run: rogerd recover \/data --rejoin$/,
    );
  });
});
