// watchers.ts — what events cost per applied call: writes with 0, 1 and 10 watchers of all changes. Each round drives
// all three one after the other and gives ratios to its own 0; what is told is the median round, so that
// somebody else's work on this machine meets all alike.
import { type Measurement, measure } from "./load.ts";
import { OtherClients } from "./other-clients.ts";
import { markdownTable } from "./report.ts";
import { startRogerd } from "./rogerd.ts";

const counts = [0, 1, 10] as const;

export async function benchWatchers(parts: {
  readonly inFlight: number;
  readonly rounds: number;
  readonly seconds: number;
}): Promise<string> {
  const { inFlight, rounds, seconds } = parts;
  const target = await startRogerd();
  const load = { workload: "writes", inFlight, seconds } as const;
  const measured = new Map<number, Measurement[]>(counts.map((count) => [count, []]));
  let told = 0;
  try {
    await measure(target, load);
    for (let round = 0; round < rounds; round += 1) {
      for (const count of counts) {
        const { endpoints } = target;
        const watchers = await OtherClients.start({ role: "watchers", count, endpoints });
        await measure(target, { ...load, seconds: seconds / 4 }); // warm up
        measured.get(count)?.push(await measure(target, load));
        told += count === 0 ? 0 : await watchers.changesTold();
        await watchers.stop();
        process.stderr.write(".");
      }
    }
  } finally {
    await target.close();
  }
  if (told === 0) throw new Error("the watchers were told nothing");
  return markdownTable([
    ["watchers", "calls/s", "ratio to none", "CPU of the daemons per call, ratio to none"],
    ...counts.map((count) => row(count, measured)),
  ]);
}

function row(count: number, measured: ReadonlyMap<number, readonly Measurement[]>): string[] {
  const none = measured.get(0) ?? [];
  const these = measured.get(count) ?? [];
  const ratios = (of: (each: Measurement) => number): number[] =>
    these.flatMap((each, round) => {
      const peer = none[round];
      return peer === undefined ? [] : [of(each) / of(peer)];
    });
  const calls = median(these.map(({ callsPerSecond }) => callsPerSecond));
  return [
    String(count),
    Math.round(calls).toLocaleString("en-US"),
    spread(ratios(({ callsPerSecond }) => callsPerSecond)),
    spread(ratios(({ serverCpuMsPerCall }) => serverCpuMsPerCall)),
  ];
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** The median round, and the lowest and highest: a ratio without its noise says nothing. */
function spread(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return `${median(values).toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
}
