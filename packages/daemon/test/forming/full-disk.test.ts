import { expect, test } from "vitest";
import { stations, until } from "../daemons.ts";

test("a node starts on a disk that is full to the last byte: its reserve makes room (D11)", async () => {
  await using cluster = await stations(1);
  const alone = cluster.station("n1");
  const reserve = `${alone.settings.dataDir}/group-0/wal/reserve`;
  await cluster.startAll();
  await until("it leads", () => cluster.isSettled());
  await until("it has a reserve", () => alone.disk.peekIfThere(reserve) !== undefined);
  await alone.kill({ keep: "everything" });
  const { disk } = alone;
  disk.limit({ capacityBytes: Number.MAX_SAFE_INTEGER - (await disk.freeBytes("/")) });

  await alone.start();
  await until("it leads again", () => cluster.isSettled());

  expect(alone.failure).toBeUndefined();
  expect(disk.peekIfThere(reserve)).toBeUndefined();
});
