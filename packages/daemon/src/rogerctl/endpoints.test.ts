import { describe, expect, test } from "vitest";
import { defaultEndpoints, parseEndpoint, parseEndpoints } from "./endpoints.ts";

describe("an endpoint", () => {
  test.each([
    ["127.0.0.1:7401", "127.0.0.1:7401"],
    ["ws://127.0.0.1:7401", "127.0.0.1:7401"],
    ["ws://queue.example.org:7401/v1", "queue.example.org:7401"],
    ["http://localhost:80", "localhost:80"],
    ["[::1]:7401", "[::1]:7401"],
  ])("%s is %s", (written, endpoint) => {
    expect(parseEndpoint(written)).toBe(endpoint);
  });

  test.each([
    "",
    "127.0.0.1",
    "7401",
    "wss://a:1",
    "a:0",
    "a:99999",
    "user@a:1",
    "a:1?x=1",
    "a b:1",
  ])("%j is none", (written) => {
    expect(parseEndpoint(written)).toBeUndefined();
  });

  test("a list may have blanks, and names each endpoint once", () => {
    expect(parseEndpoints(" a:1, ws://a:1 ,b:2,")).toEqual({
      kind: "endpoints",
      endpoints: ["a:1", "b:2"],
    });
  });

  test("the default is three nodes on this machine", () => {
    expect(parseEndpoints(defaultEndpoints)).toEqual({
      kind: "endpoints",
      endpoints: ["127.0.0.1:7401", "127.0.0.1:7402", "127.0.0.1:7403"],
    });
  });
});
