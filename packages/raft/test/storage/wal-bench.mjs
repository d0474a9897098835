// wal-bench.mjs — how fast the log is on this machine's disk. Run by hand, after a build:
//   node packages/raft/test/storage/wal-bench.mjs [DIRECTORY]
// One writer; each batch is durable before the next is begun. Figures are no thresholds: disks differ.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { createHistogram, performance } from "node:perf_hooks";
import process from "node:process";
import { incarnation, logIndex, NodeDisk, nodeId, openLogStorage, term } from "../../dist/index.js";

const payloadBytes = 200;
const secondsEach = 4;
const where = process.argv[2] ?? tmpdir();
const folder = await mkdtemp(`${where}/rogerd-wal-bench-`);

async function measure(entriesEach) {
  const identity = { clusterId: "c".repeat(32), nodeId: nodeId("a".repeat(32)), group: 0 };
  const directory = `${folder}/${entriesEach}/group-0/wal`;
  const limits = { segmentBytes: 16 * 1024 * 1024, reserveBytes: 16 * 1024 * 1024 };
  const parts = { disk: new NodeDisk(), directory, identity, incarnation: incarnation(1), limits };
  const log = await openLogStorage(parts);
  const hardState = { term: term(1), votedFor: undefined };
  await log.append({ records: [{ kind: "hard-state", hardState }], commitIndex: logIndex(0) });
  const payload = new Uint8Array(payloadBytes).fill(7);
  const batches = createHistogram();
  let index = 0;
  const usage = process.cpuUsage();
  const start = performance.now();
  while (performance.now() - start < secondsEach * 1000) {
    const records = [];
    for (let each = 0; each < entriesEach; each += 1) {
      index += 1;
      const entry = { index: logIndex(index), term: term(1), kind: "command", payload };
      records.push({ kind: "entry", entry });
    }
    const began = performance.now();
    await log.append({ records, commitIndex: logIndex(index) });
    batches.record(Math.max(1, Math.round((performance.now() - began) * 1000)));
  }
  const seconds = (performance.now() - start) / 1000;
  const cpu = process.cpuUsage(usage);
  await log.close();
  return {
    entriesEach,
    entriesPerSecond: Math.round(index / seconds),
    batchMsP50: batches.percentile(50) / 1000,
    batchMsP99: batches.percentile(99) / 1000,
    cpuMicrosPerEntry: Number(((cpu.user + cpu.system) / index).toFixed(2)),
  };
}

try {
  const rows = [];
  for (const entriesEach of [1, 64, 1024]) rows.push(await measure(entriesEach));
  console.table(rows);
} finally {
  await rm(folder, { recursive: true, force: true });
}
