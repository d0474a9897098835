// disk-contract.ts — the promises of disk.ts as tests. Every Disk runs them.
import { claim, claimEqual, claimRejects, type TestFunctions } from "./contract-claims.ts";
import { type Disk, DiskError } from "./disk.ts";

export interface DiskUnderTest {
  readonly disk: Disk;
  /** An empty folder on it. */
  readonly directory: string;
}

type Promises = Readonly<Record<string, (subject: DiskUnderTest) => Promise<void>>>;

export function diskContract(
  tests: TestFunctions,
  subject: { readonly name: string; readonly open: () => Promise<DiskUnderTest> },
): void {
  tests.describe(`${subject.name} disk`, () => {
    for (const [sentence, check] of Object.entries({ ...filePromises, ...folderPromises })) {
      tests.test(sentence, async () => check(await subject.open()));
    }
  });
}

const filePromises: Promises = {
  "what is written is read back": async ({ disk, directory }) => {
    const file = await disk.create(`${directory}/a`);
    await file.write({ at: 0, buffers: [bytes(1, 2), bytes(3)] });
    await file.syncData();

    claimEqual(await file.read({ at: 1, bytes: 2 }), bytes(2, 3));
    claimEqual(await file.size(), 3);
    await file.close();
  },
  "a read at the end of the file is shorter, behind it empty": async ({ disk, directory }) => {
    const file = await disk.create(`${directory}/a`);
    await file.write({ at: 0, buffers: [bytes(1, 2, 3)] });

    claimEqual(await file.read({ at: 2, bytes: 9 }), bytes(3));
    claimEqual(await file.read({ at: 7, bytes: 9 }), bytes());
    await file.close();
  },
  "a write inside a file leaves the rest": async ({ disk, directory }) => {
    const file = await disk.create(`${directory}/a`);
    await file.write({ at: 0, buffers: [bytes(1, 2, 3, 4)] });
    await file.write({ at: 1, buffers: [bytes(9)] });

    claimEqual(await file.read({ at: 0, bytes: 9 }), bytes(1, 9, 3, 4));
    await file.close();
  },
  "a write behind the end fills the gap with zeros": async ({ disk, directory }) => {
    const file = await disk.create(`${directory}/a`);
    await file.write({ at: 2, buffers: [bytes(7)] });

    claimEqual(await file.read({ at: 0, bytes: 9 }), bytes(0, 0, 7));
    await file.close();
  },
  "the bytes of a write may be used again once it resolved": async ({ disk, directory }) => {
    const file = await disk.create(`${directory}/a`);
    const buffer = bytes(1);
    await file.write({ at: 0, buffers: [buffer] });
    buffer[0] = 2;

    claimEqual(await file.read({ at: 0, bytes: 1 }), bytes(1));
    await file.close();
  },
  "a file is opened again with its content": async ({ disk, directory }) => {
    const file = await disk.create(`${directory}/a`);
    await file.write({ at: 0, buffers: [bytes(1)] });
    await file.close();
    const again = await disk.open(`${directory}/a`);

    claimEqual(await again.read({ at: 0, bytes: 9 }), bytes(1));
    await again.close();
  },
};

const folderPromises: Promises = {
  "a file that is not there can't be opened or removed": async ({ disk, directory }) => {
    await rejectsWith(disk.open(`${directory}/a`), "not-found");
    await rejectsWith(disk.remove(`${directory}/a`), "not-found");
    await rejectsWith(disk.rename({ from: `${directory}/a`, to: `${directory}/b` }), "not-found");
    await rejectsWith(disk.list(`${directory}/a`), "not-found");
  },
  "a file is made only once": async ({ disk, directory }) => {
    await makeFile(disk, `${directory}/a`, 1);

    await rejectsWith(disk.create(`${directory}/a`), "exists");
  },
  "names are listed in order, folders too": async ({ disk, directory }) => {
    await makeFile(disk, `${directory}/b`, 1);
    await makeFile(disk, `${directory}/a`, 1);
    await disk.makeDirectory(`${directory}/c/d`);
    await disk.makeDirectory(`${directory}/c/d`);
    await disk.syncDirectory(directory);

    claimEqual(await disk.list(directory), ["a", "b", "c"]);
    claimEqual(await disk.list(`${directory}/c`), ["d"]);
  },
  "a rename replaces what is there": async ({ disk, directory }) => {
    await makeFile(disk, `${directory}/a`, 1);
    await makeFile(disk, `${directory}/b`, 2);
    await disk.rename({ from: `${directory}/a`, to: `${directory}/b` });

    claimEqual(await disk.list(directory), ["b"]);
    claimEqual(await contentOf(disk, `${directory}/b`), bytes(1));
  },
  "a folder is renamed with all in it, into another folder": async ({ disk, directory }) => {
    await disk.makeDirectory(`${directory}/from/inner`);
    await makeFile(disk, `${directory}/from/inner/a`, 3);
    await disk.makeDirectory(`${directory}/aside`);
    await disk.rename({ from: `${directory}/from`, to: `${directory}/aside/from` });

    claimEqual(await disk.list(directory), ["aside"]);
    claimEqual(await contentOf(disk, `${directory}/aside/from/inner/a`), bytes(3));
  },
  "a link is a second name of the same file, and outlives the first": async ({
    disk,
    directory,
  }) => {
    const file = await disk.create(`${directory}/a`);
    await disk.link({ from: `${directory}/a`, to: `${directory}/b` });
    await file.write({ at: 0, buffers: [bytes(5)] });
    await file.close();
    await disk.remove(`${directory}/a`);

    claimEqual(await disk.list(directory), ["b"]);
    claimEqual(await contentOf(disk, `${directory}/b`), bytes(5));
  },
  "a link takes no name that is taken, and needs a file": async ({ disk, directory }) => {
    await makeFile(disk, `${directory}/a`, 1);
    await makeFile(disk, `${directory}/b`, 2);

    await rejectsWith(disk.link({ from: `${directory}/a`, to: `${directory}/b` }), "exists");
    await rejectsWith(disk.link({ from: `${directory}/c`, to: `${directory}/d` }), "not-found");
    claimEqual(await contentOf(disk, `${directory}/b`), bytes(2));
  },
  "of several links to one name one succeeds": async ({ disk, directory }) => {
    const names = ["a", "b", "c"];
    for (const [place, name] of names.entries()) {
      await makeFile(disk, `${directory}/${name}`, place);
    }
    const links = await Promise.allSettled(
      names.map((name) => disk.link({ from: `${directory}/${name}`, to: `${directory}/d` })),
    );

    claimEqual(links.filter(({ status }) => status === "fulfilled").length, 1);
  },
  "what was removed is gone": async ({ disk, directory }) => {
    await makeFile(disk, `${directory}/a`, 1);
    await disk.remove(`${directory}/a`);

    claimEqual(await disk.list(directory), []);
  },
  "it tells how much is free": async ({ disk, directory }) => {
    claim((await disk.freeBytes(directory)) > 0, "an empty disk has room");
  },
};

async function rejectsWith(promise: Promise<unknown>, code: string): Promise<void> {
  const error = await claimRejects(promise);
  claimEqual(error instanceof DiskError ? error.code : String(error), code);
}

async function makeFile(disk: Disk, path: string, content: number): Promise<void> {
  const file = await disk.create(path);
  await file.write({ at: 0, buffers: [bytes(content)] });
  await file.close();
}

async function contentOf(disk: Disk, path: string): Promise<Uint8Array> {
  const file = await disk.open(path);
  const content = await file.read({ at: 0, bytes: 99 });
  await file.close();
  return content;
}

function bytes(...content: number[]): Uint8Array {
  return Uint8Array.from(content);
}
