import { describe, expect, test } from "vitest";
import { type Log, type LogMessage, silentLog } from "../observe/log.ts";
import { RefusalLog } from "./refusal-log.ts";

function warnings(): { readonly log: Log; readonly told: LogMessage[] } {
  const told: LogMessage[] = [];
  return { told, log: { ...silentLog, warn: (_fields, message) => told.push(message) } };
}

const cluster = { code: "cluster", sentence: "it belongs elsewhere" } as const;
const credential = { code: "credential", sentence: "it has another secret" } as const;

describe("refusals in the log", () => {
  test("a peer that is refused again and again is one line", () => {
    const { log, told } = warnings();
    const refusals = new RefusalLog(log);

    for (let tries = 0; tries < 100; tries += 1) {
      refusals.refused({ peer: "n2", message: "peer refused", refusal: cluster });
    }

    expect(told).toEqual(["peer refused"]);
  });

  test("another cause, another peer, and a refusal after a welcome are told", () => {
    const { log, told } = warnings();
    const refusals = new RefusalLog(log);

    refusals.refused({ peer: "n2", message: "peer refused", refusal: cluster });
    refusals.refused({ peer: "n2", message: "peer refused", refusal: credential });
    refusals.refused({ peer: "n3", message: "peer refused", refusal: credential });
    refusals.welcomed("n3");
    refusals.refused({ peer: "n3", message: "peer refused", refusal: credential });

    expect(told).toHaveLength(4);
  });

  test("a peer that is only starting is no warning", () => {
    const { log, told } = warnings();

    const refusal = { code: "not-ready", sentence: "it is starting" } as const;
    new RefusalLog(log).refused({ peer: "n2", message: "refused by peer", refusal });

    expect(told).toEqual([]);
  });
});
