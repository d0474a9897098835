// golden.ts — bytes that must never change, and the cases that make them: commands one by one, with their
// outcomes and the state hash after each. `UPDATE_FIXTURES=1` rewrites the fixtures.
import { readFileSync, writeFileSync } from "node:fs";
import type { Origin, Write } from "../src/index.ts";
import type { World } from "./world.ts";

const isUpdate = process.env["UPDATE_FIXTURES"] === "1";
const folder = new URL("../fixtures/", import.meta.url);

export interface GoldenCase {
  readonly write: Write;
  readonly origin?: Origin;
  readonly waitMs?: number;
  readonly isNewTerm?: boolean;
}

export interface Played {
  readonly world: World;
  readonly lines: readonly string[];
}

export function playCases(world: World, cases: readonly GoldenCase[]): Played {
  const lines = cases.map((one) => {
    world.wait(one.waitMs ?? 0);
    if (one.isNewTerm === true) world.term += 1;
    const outcome = world.outcome(one.write, one.origin);
    const origin = one.origin ?? { kind: "none" };
    return JSON.stringify({ origin, write: one.write, outcome, hash: world.hash() });
  });
  return { world, lines };
}

export function fixture(name: string, content: () => string): string {
  const file = new URL(name, folder);
  if (isUpdate) writeFileSync(file, content());
  return readFileSync(file, "utf8");
}

export function hexOf(chunks: readonly Uint8Array[]): string {
  const hex = Buffer.concat(chunks).toString("hex");
  return `${hex.match(/.{1,96}/g)?.join("\n") ?? ""}\n`;
}
