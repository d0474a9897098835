import { describe, expect, test } from "vitest";
import { Switchboard } from "../../test/peers/switchboard.ts";
import { HalfOpenGuard } from "./half-open-guard.ts";

function guarded(answers: boolean): { board: Switchboard; told: string[]; guard: HalfOpenGuard } {
  const board = new Switchboard();
  const told: string[] = [];
  const guard: HalfOpenGuard = new HalfOpenGuard({
    platform: board.platform,
    intervalMs: 1_000,
    socket: {
      ping: () => {
        told.push("ping");
        if (answers) guard.heard();
      },
      terminate: () => told.push("terminate"),
    },
  });
  return { board, told, guard };
}

describe("half-open connections", () => {
  test("one that answers is asked for ever and never ended", () => {
    const { board, told } = guarded(true);

    board.advance(60_000);

    expect(new Set(told)).toEqual(new Set(["ping"]));
    expect(told).toHaveLength(60);
  });

  test("one that answers two pings in a row with silence is ended, once", () => {
    const { board, told } = guarded(false);

    board.advance(60_000);

    expect(told).toEqual(["ping", "ping", "terminate"]);
  });

  test("one that was closed is left alone", () => {
    const { board, told, guard } = guarded(false);
    guard.stop();

    board.advance(60_000);

    expect(told).toEqual([]);
  });
});
