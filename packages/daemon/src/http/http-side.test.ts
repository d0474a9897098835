import { describe, expect, test } from "vitest";
import { type APort, aPort, type PortChoices } from "../../test/outer/a-port.ts";

const host = "127.0.0.1:7401";
const json = { host, "content-type": "application/json" };

async function post(port: APort, body: unknown, headers: Record<string, string> = json) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const answering = port.network.request({ method: "POST", path: "/v1/command", headers, text });
  await port.settle();
  const { status, headers: answered, body: answer } = await answering;
  const value: unknown = JSON.parse(answer);
  return { status, headers: answered, value };
}

async function get(port: APort, path: string, query: Record<string, string> = {}) {
  const { status, body } = await port.network.request({ path, query });
  return { status, body };
}

const startAcme = { partition: "acme", command: "partition.start" };

describe("probes", () => {
  test("a node is live whatever the others do", async () => {
    const port = await aPort();
    port.node.follow(undefined);

    expect(await get(port, "/livez")).toEqual({ status: 200, body: "ok\n" });
  });

  test("a node that knows a leader is ready; verbose says what was looked at", async () => {
    const port = await aPort();

    const ready = await get(port, "/readyz", { verbose: "" });

    expect(ready.status).toBe(200);
    expect(ready.body.split("\n")).toContain("[+]leader ok");
    expect(await get(port, "/readyz")).toEqual({ status: 200, body: "ok\n" });
  });

  test("a node that is not ready says which check failed and why", async () => {
    const port = await aPort();
    port.node.follow(undefined);

    const { status, body } = await get(port, "/readyz");

    expect(status).toBe(503);
    expect(body.split("\n")).toContain("[-]leader failed: no leader is known");
  });

  test("the version names the program and the protocol", async () => {
    const port = await aPort();

    const { body } = await get(port, "/version");

    expect(JSON.parse(body)).toEqual({ name: "rogerd", version: "0.1.0", protocol: 1 });
  });
});

describe("status", () => {
  test("is this node's own view of the cluster", async () => {
    const port = await aPort();
    port.node.follow("n2");

    const { status, body } = await get(port, "/status");

    expect(status).toBe(200);
    expect(JSON.parse(body)).toEqual({
      clusterId: "c1",
      node: { id: "1".repeat(32), name: "n1" },
      role: "follower",
      term: 2,
      leader: { name: "n2", clientUrl: "ws://127.0.0.1:7402" },
      lastIndex: 1,
      commitIndex: 1,
      appliedIndex: 1,
      snapshotIndex: 0,
      stateHash: null,
      members: [
        {
          id: "1".repeat(32),
          name: "n1",
          clientUrl: "ws://127.0.0.1:7401",
          peerUrl: "ws://127.0.0.1:7501",
          voter: true,
        },
        {
          id: "2".repeat(32),
          name: "n2",
          clientUrl: "ws://127.0.0.1:7402",
          peerUrl: "ws://127.0.0.1:7502",
          voter: false,
        },
      ],
    });
  });

  test("takes a state hash when it is asked for one now", async () => {
    const port = await aPort();

    const { body } = await get(port, "/status", { hash: "now" });

    expect(JSON.parse(body)).toMatchObject({ stateHash: { index: 7, hash: "abc" } });
  });
});

describe("a command by POST", () => {
  test("is answered with revision, n and result", async () => {
    const port = await aPort();

    expect(await post(port, startAcme)).toMatchObject({
      status: 200,
      headers: { "content-type": "application/json" },
      value: { revision: 2, n: 0, result: { status: "changed", changed: true } },
    });
  });

  test("with a requestId is executed once", async () => {
    const port = await aPort();
    await post(port, startAcme);
    const add = {
      partition: "acme",
      command: "roger.isQueued",
      args: { key: "k", add: true },
      requestId: "r1",
    };

    const answers = [await post(port, add), await post(port, add)];

    expect(answers.map(({ value }) => value)).toEqual([
      expect.objectContaining({ result: { status: "member", before: false } }),
      expect.objectContaining({ result: { status: "member", before: false } }),
    ]);
  });

  test("with the requestId of another call is refused, and that one can still be repeated", async () => {
    const port = await aPort();
    const start = { ...startAcme, requestId: "r1" };
    const stop = { ...start, command: "partition.stop" };
    await post(port, start);

    const refused = await post(port, stop);

    expect(refused).toMatchObject({
      status: 400,
      value: {
        error: {
          code: "invalid_argument",
          path: "requestId",
          message: expect.stringMatching(/^requestId: "r1" was used for another call/),
        },
      },
    });
    expect(await post(port, start)).toMatchObject({
      value: { revision: 2, result: { changed: true } },
    });
    expect(port.node.entries.map(({ submissions }) => submissions[0]?.write.name)).toEqual([
      "partition.start",
      "partition.start",
    ]);
  });

  test("at a node that does not lead is sent to the leader's command path", async () => {
    const port = await aPort();
    port.node.follow("n2");

    expect(await post(port, startAcme)).toMatchObject({
      status: 307,
      headers: { location: "http://127.0.0.1:7402/v1/command" },
      value: { error: { code: "not_leader" } },
    });
  });

  test.each([
    ["an empty body", "", "body"],
    ["no JSON", "{partition", "body"],
    ["a list", "[]", "body"],
    ["half a million brackets", "[".repeat(500_000) + "]".repeat(500_000), "body"],
    [
      "a body full of empty maps",
      { ...startAcme, args: { a: Array.from({ length: 999 }, () => ({})) } },
      "body",
    ],
    ["a command as long as the body", { command: "x".repeat(100_000) }, "command"],
    ["no command", { partition: "acme" }, "command"],
    ["an unknown field", { ...startAcme, seq: 1 }, "seq"],
    ["arguments that are no object", { ...startAcme, args: [] }, "args"],
    ["a partition that is no text", { ...startAcme, partition: 1 }, "partition"],
    ["a revision that is none", { ...startAcme, revisionMin: -1 }, "revisionMin"],
    ["a request id that is no text", { ...startAcme, requestId: 1 }, "requestId"],
    ["an unknown command", { ...startAcme, command: "no.such" }, "command"],
  ])("%s is answered 400 with what is wrong", async (_, body, path) => {
    const port = await aPort();

    expect(await post(port, body)).toMatchObject({
      status: 400,
      value: { error: { code: "invalid_argument", retryable: false, path } },
    });
    expect(port.node.entries).toEqual([]);
  });

  test("what is wrong with JSON is said with its place", async () => {
    const port = await aPort();

    const { value } = await post(port, '{"command": nope}');

    expect(JSON.stringify(value)).toMatch(/is not JSON: Unexpected token.*nope/);
  });

  test("a field that nobody knows is named, and not repeated in full", async () => {
    const port = await aPort();

    const { value } = await post(port, { ...startAcme, ["x".repeat(100_000)]: 1 });

    expect(JSON.stringify(value).length).toBeLessThan(500);
  });

  test("nesting is judged before the parser sees it, on all paths", async () => {
    const port = await aPort();
    // Never closed: the parser would call it no JSON.
    const text = "[".repeat(100_000);

    const messages: unknown[] = [];
    for (const path of ["/v1/command", "/v1/admin/members", "/v1/admin/member/remove"]) {
      const reply = await port.network.request({ method: "POST", path, headers: json, text });
      const value: unknown = JSON.parse(reply.body);
      messages.push(value);
    }

    const message = "body is wrong: lists and maps are nested too deeply";
    expect(messages).toEqual(
      messages.map(() => ({
        error: { code: "invalid_argument", message, retryable: false, path: "body" },
      })),
    );
  });

  test("bytes that are no UTF-8 are no JSON", async () => {
    const port = await aPort();
    const bytes = Uint8Array.of(0x22, 0xff, 0x22);

    const { status, body } = await port.network.request({
      method: "POST",
      path: "/v1/command",
      headers: json,
      readBody: () => Promise.resolve(bytes),
    });

    expect([status, body]).toEqual([400, expect.stringContaining("it is not UTF-8")]);
  });

  test("a body that is too long is answered 413, unread", async () => {
    const port = await aPort({ bounds: { httpBodyBytesMax: 50 } });

    expect(await post(port, { ...startAcme, requestId: "r".repeat(50) })).toMatchObject({
      status: 413,
      value: { error: { code: "payload_too_large" } },
    });
  });

  test("any other content type is answered 415: a form of a web page can't send JSON", async () => {
    const port = await aPort();
    const types = ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""];

    const statuses: number[] = [];
    for (const type of types) {
      statuses.push((await post(port, startAcme, { host, "content-type": type })).status);
    }
    const withCharset = await post(port, startAcme, {
      host,
      "content-type": "application/json; charset=utf-8",
    });

    expect([statuses, withCharset.status]).toEqual([[415, 415, 415, 415], 200]);
  });

  test.each([
    ["not_started", 409, {}],
    ["unavailable", 503, { role: "nobody" }],
    ["unavailable", 503, { notServing: true }],
    ["overloaded", 429, { outcome: { kind: "overloaded" } }],
    ["indeterminate", 504, { outcome: { kind: "indeterminate", cause: "stopped" } }],
  ] as const)("%s is answered %i", async (code, status, cause) => {
    const port = await aPort();
    if ("role" in cause) port.node.follow(undefined);
    if ("notServing" in cause) port.node.notServing = "the state differs";
    if ("outcome" in cause) port.node.decidesAtOnce = false;

    const command = { partition: "acme", command: "roger.queuePause", args: { queue: "mail" } };
    const headers = json;
    const text = JSON.stringify(command);
    const answering = port.network.request({ method: "POST", path: "/v1/command", headers, text });
    await port.settle();
    if ("outcome" in cause) port.node.endAll(cause.outcome);
    await port.settle();
    const reply = await answering;

    expect([reply.status, JSON.parse(reply.body)]).toMatchObject([status, { error: { code } }]);
    expect(reply.headers["retry-after"]).toBe(status === 503 || status === 429 ? "1" : undefined);
  });
});

describe("routes", () => {
  test("an unknown path is 404, a wrong method 405 with the right one", async () => {
    const port = await aPort();

    const nothing = await port.network.request({ path: "/nothing" });
    const wrong = await port.network.request({ path: "/v1/command", method: "GET" });
    const head = await port.network.request({ path: "/livez", method: "HEAD" });

    expect([nothing.status, wrong.status, wrong.headers["allow"], head.status]).toEqual([
      404,
      405,
      "POST",
      200,
    ]);
    expect(JSON.parse(nothing.body)).toMatchObject({ error: { code: "invalid_argument" } });
  });

  test("where a credential is wanted, probes answer without, status and commands only with it", async () => {
    const port = await aPort({ settings: { credential: "secret" } });
    const status = async (authorization?: string) => {
      const headers = { host, ...(authorization === undefined ? {} : { authorization }) };
      return (await port.network.request({ path: "/status", headers })).status;
    };

    expect([
      (await get(port, "/livez")).status,
      (await get(port, "/readyz")).status,
      await status(),
      await status("Bearer wrong"),
      await status("Basic secret"),
      await status("Bearer secret"),
      (await post(port, startAcme)).status,
      (await post(port, startAcme, { ...json, authorization: "bearer secret" })).status,
    ]).toEqual([200, 200, 401, 401, 401, 200, 401, 200]);
  });

  test("a web page that is not listed gets 403 for everything, before its credential is looked at", async () => {
    const port = await aPort();
    const foreign = { ...json, origin: "https://evil.example" };

    const paths = ["/livez", "/readyz", "/version", "/status", "/nothing"];
    const replies = await Promise.all(
      paths.map((path) => port.network.request({ path, headers: foreign })),
    );
    const posted = await post(port, startAcme, foreign);

    expect(replies.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403]);
    expect(posted).toMatchObject({ status: 403, value: { error: { code: "forbidden" } } });
    expect(port.node.entries).toEqual([]);
  });

  test("a listed web page may ask, and may read the answer", async () => {
    const choices: PortChoices = { settings: { allowOrigins: ["https://console.example"] } };
    const port = await aPort(choices);
    const headers = { ...json, origin: "https://console.example" };

    const preflight = await port.network.request({
      method: "OPTIONS",
      path: "/v1/command",
      headers,
    });
    const posted = await post(port, startAcme, headers);

    const allowed = { "access-control-allow-origin": "https://console.example", vary: "origin" };
    expect(preflight).toMatchObject({
      status: 204,
      headers: { ...allowed, "access-control-allow-methods": "POST" },
    });
    expect(posted).toMatchObject({ status: 200, headers: allowed });
  });

  test("a request for a strange host is 403: names can be pointed here by others", async () => {
    const port = await aPort();

    const { status } = await port.network.request({
      path: "/status",
      headers: { host: "evil.example" },
    });

    expect(status).toBe(403);
  });
});

describe("a wish for another leader", () => {
  const path = "/v1/admin/transfer-leader";

  async function wish(port: APort, body: unknown) {
    const text = JSON.stringify(body);
    const request = { method: "POST", path, headers: json, text };
    const { status, headers, body: answer } = await port.network.request(request);
    const value: unknown = JSON.parse(answer);
    return { status, location: headers["location"], value };
  }

  test("names who led and who leads now", async () => {
    const port = await aPort();

    const answer = await wish(port, {});

    expect([answer.status, answer.value]).toEqual([200, { previous: "n1", leader: "n2" }]);
    expect(port.node.transfers).toEqual([undefined]);
  });

  test("may name the next leader, which must be a voter", async () => {
    const port = await aPort();

    expect(await wish(port, { to: "n2" })).toMatchObject({
      status: 400,
      value: { error: { code: "invalid_argument", path: "to" } },
    });
    expect((await wish(port, { to: "n1" })).status).toBe(200);
    expect(port.node.transfers).toEqual(["1".repeat(32)]);
  });

  test("at a follower is sent on to the leader; without one it is unavailable", async () => {
    const port = await aPort();
    port.node.follow("n2");
    expect(await wish(port, {})).toMatchObject({
      status: 307,
      location: `http://127.0.0.1:7402${path}`,
    });

    port.node.follow(undefined);
    expect((await wish(port, {})).status).toBe(503);
    expect(port.node.transfers).toEqual([]);
  });

  test.each([
    ["no-target", 409, { code: "unavailable", retryable: false }],
    ["unreachable", 409, { code: "unavailable", retryable: false }],
    ["timed-out", 409, { code: "unavailable", retryable: false }],
    ["superseded", 504, { code: "indeterminate" }],
    ["not-leader", 504, { code: "indeterminate" }],
    ["stopped", 504, { code: "indeterminate" }],
  ] as const)("that ends %s is answered %i", async (kind, status, error) => {
    const port = await aPort();
    port.node.transferOutcome = { kind };

    expect(await wish(port, {})).toMatchObject({ status, value: { error } });
  });

  test("is JSON, like every POST", async () => {
    const port = await aPort();
    const request = { method: "POST", path, headers: { host }, text: "{}" };

    expect((await port.network.request(request)).status).toBe(415);
    expect((await wish(port, [])).status).toBe(400);
  });
});
