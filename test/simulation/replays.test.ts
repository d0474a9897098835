import { expect, test } from "vitest";
import { Dice } from "./dice.ts";
import { Replays } from "./replays.ts";
import { Trace } from "./trace.ts";
import { VirtualProcess, VirtualTime } from "./virtual-time.ts";

const [greeting, ...frames] = [0, 1, 2, 3, 4, 5, 6].map((byte) => Uint8Array.of(byte));

/** What a second connection brings again of the first one's frames, for many drawn cases. */
async function broughtAgain(isSameNode: boolean): Promise<readonly string[]> {
  const time = new VirtualTime(new Trace({ lines: "last" }));
  const clock = { originMs: 0, rate: 1, turnMs: 0, lookMs: 0 };
  const process = (pid: number): VirtualProcess => new VirtualProcess({ time, pid, clock });
  const [from, to] = [process(1), process(2)];
  const brought: string[] = [];
  for (let seed = 0; seed < 40; seed += 1) {
    const replays = new Replays({ time, dice: new Dice(seed) });
    replays.isSameNode = () => isSameNode;
    const connect = () =>
      replays.of({ from, address: "there" }, (again) => void brought.push(again.join(" ")));
    const first = connect();
    for (const frame of [greeting, ...frames]) if (frame !== undefined) first(frame, to);
    const second = connect();
    if (greeting !== undefined) second(greeting, to);
  }
  await time.run({ untilMs: time.now + 10_000, isOver: () => false });
  return [...new Set(brought)].sort();
}

test("a new connection may bring the last frames of the one before again, never its greeting", async () => {
  expect(await broughtAgain(true)).toEqual(["3 4 5 6", "4 5 6", "5 6", "6"]);
});

test("another node at the same address gets nothing that was said to the one before", async () => {
  expect(await broughtAgain(false)).toEqual([]);
});
