import { describe, expect, test } from "vitest";
import { type APort, aPort, postJson } from "../../test/outer/a-port.ts";
import { restorePath } from "./restore.ts";

const id = `${"ab".repeat(32)}-1`;
const counters = { session: 1, partition: 2, token: 3 };
const begin = { step: "begin", id, logTime: 7, counters };
const rows = { step: 0, id, table: "queueKeys", version: 1, bytes: "AAEC" };
const end = { step: "end", id, steps: 1, rows: 1 };

const post = (port: APort, body: unknown) => postJson(port, { path: restorePath, body });

describe("a step of a restore", () => {
  test("is one entry of the log, and answered with what it came to", async () => {
    const port = await aPort();

    expect(await post(port, begin)).toMatchObject({
      status: 200,
      value: { standing: "importing", next: 0, revision: 2 },
    });
    expect(await post(port, rows)).toMatchObject({
      status: 200,
      value: { standing: "not_imported", reason: "unreadable", revision: 3 },
    });
    expect(port.node.entries.map(({ submissions }) => submissions)).toEqual([
      [
        {
          origin: { kind: "none" },
          write: { name: "admin.importBegin", args: { id, logTime: 7, counters } },
        },
      ],
      [
        {
          origin: { kind: "none" },
          write: {
            name: "admin.importRows",
            args: { ...rows, bytes: Uint8Array.of(0, 1, 2) },
          },
        },
      ],
    ]);
  });

  test("goes to the leader", async () => {
    const port = await aPort();
    port.node.follow("n2");

    expect(await post(port, begin)).toMatchObject({
      status: 307,
      location: `http://127.0.0.1:7402${restorePath}`,
    });
  });

  test("is not known to be taken where leadership is lost on the way", async () => {
    const port = await aPort();
    port.node.decidesAtOnce = false;
    const asked = post(port, begin);
    await port.settle();
    port.node.endAll({ kind: "indeterminate", cause: "leadership-lost" });

    expect(await asked).toMatchObject({ status: 504, value: { error: { code: "indeterminate" } } });
  });

  test("is refused while the state may not be changed, or the node is going away", async () => {
    const port = await aPort();
    port.node.notServing = "the state of this node differs";
    expect(await post(port, begin)).toMatchObject({ status: 503 });

    port.node.notServing = undefined;
    void port.listener.drain();
    expect(await post(port, begin)).toMatchObject({ status: 503 });
    expect(port.node.entries).toEqual([]);
  });

  test.each([
    [{}, "id"],
    [{ ...begin, id: "x" }, "id"],
    [{ ...begin, logTime: -1 }, "logTime"],
    [{ ...begin, counters: 3 }, "counters"],
    [{ ...begin, counters: { ...counters, token: 0.5 } }, "counters"],
    [{ ...rows, step: "third" }, "step"],
    [{ ...rows, table: "sessions" }, "table"],
    [{ ...rows, version: null }, "version"],
    [{ ...rows, bytes: 7 }, "bytes"],
    [{ ...end, steps: -1 }, "steps"],
    [{ ...end, rows: "all" }, "rows"],
  ])("%j never gets into the log: %s is wrong", async (body, path) => {
    const port = await aPort();

    expect(await post(port, body)).toMatchObject({
      status: 400,
      value: { error: { code: "invalid_argument", path } },
    });
    expect(port.node.entries).toEqual([]);
  });
});
