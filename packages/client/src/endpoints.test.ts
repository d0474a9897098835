import { describe, expect, test } from "vitest";
import { Endpoints, endpointUrl } from "./endpoints.ts";

test.each([
  ["127.0.0.1:7402", "ws://127.0.0.1:7402/v1"],
  ["rogerd.internal:7401", "ws://rogerd.internal:7401/v1"],
  ["ws://h:80", "ws://h/v1"],
  ["ws://h:7401/", "ws://h:7401/v1"],
  ["wss://h:7401/v1", "wss://h:7401/v1"],
  ["[::1]:7401", "ws://[::1]:7401/v1"],
  ["[::1]", undefined],
  ["foo", undefined],
  ["ws://foo", undefined],
  ["wss://foo:443", "wss://foo/v1"],
  ["foo:0", undefined],
  ["http://h:7401", undefined],
  ["ws://user@h:7401", undefined],
  ["ws://h:7401/elsewhere", undefined],
  ["h:99999", undefined],
  ["", undefined],
])("%s is dialed as %s", (text, url) => {
  expect(endpointUrl(text)).toBe(url);
});

const anyone = (): boolean => true;

describe("the next endpoint", () => {
  test("is the hinted leader before all others", () => {
    const endpoints = new Endpoints(["a:1", "b:1"]);
    endpoints.hint({ name: "b", clientUrl: "b:1" });

    expect(endpoints.next(anyone)).toBe("ws://b:1/v1");
    expect(endpoints.next((url) => !url.includes("b:1"))).toBe("ws://a:1/v1");
  });

  test("is one that did not fail last", () => {
    const endpoints = new Endpoints(["a:1", "b:1"]);
    endpoints.hint({ name: "a", clientUrl: "a:1" });
    endpoints.failed("ws://a:1/v1");

    expect(endpoints.next(anyone)).toBe("ws://b:1/v1");
  });

  test("may be one that was learned from a node, but not any number of them", () => {
    const endpoints = new Endpoints(["a:1"]);
    const known = new Set<string>();
    for (let port = 1; port <= 100; port += 1)
      endpoints.hint({ name: "x", clientUrl: `x:${port}` });
    for (let url = endpoints.next((one) => !known.has(one)); url !== undefined; ) {
      known.add(url);
      url = endpoints.next((one) => !known.has(one));
    }

    expect(known.size).toBe(65);
    expect(known).toContain("ws://a:1/v1");
    expect(known).toContain("ws://x:100/v1");
  });

  test("is one that the user gave before one that a node told of, whichever failed last", () => {
    const endpoints = new Endpoints(["a:1", "b:1"]);
    endpoints.members([
      { name: "c", clientUrl: "c:1" },
      { name: "a", clientUrl: "a:1" },
    ]);
    endpoints.failed("ws://a:1/v1");
    endpoints.failed("ws://b:1/v1");

    const order: string[] = [];
    for (let url = endpoints.next(anyone); url !== undefined; ) {
      order.push(url);
      url = endpoints.next((one) => !order.includes(one));
    }
    expect(order).toEqual(["ws://a:1/v1", "ws://b:1/v1", "ws://c:1/v1"]);
  });

  test("is no member of before, but who was given", () => {
    const endpoints = new Endpoints(["a:1"]);
    endpoints.members([{ name: "b", clientUrl: "b:1" }]);
    endpoints.members([{ name: "c", clientUrl: "c:1" }]);

    expect(endpoints.next((url) => url !== "ws://a:1/v1")).toBe("ws://c:1/v1");
  });

  test("is as before where a node names nobody", () => {
    const endpoints = new Endpoints(["a:1"]);
    endpoints.members([{ name: "b", clientUrl: "b:1" }]);
    endpoints.members([]);

    expect(endpoints.next((url) => url !== "ws://a:1/v1")).toBe("ws://b:1/v1");
  });

  test("is not an address that makes no sense", () => {
    const endpoints = new Endpoints(["a:1"]);
    endpoints.hint({ name: "b", clientUrl: "not an address" });

    expect(endpoints.next(anyone)).toBe("ws://a:1/v1");
  });
});
