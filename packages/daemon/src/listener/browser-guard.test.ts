import { describe, expect, test } from "vitest";
import { browserProblem, browserRules } from "./browser-guard.ts";

const rules = browserRules({
  listenClient: { host: "10.0.0.5", port: 7401 },
  advertiseClient: "n1.jobs.example:7401",
  allowOrigins: ["https://Console.example"],
  allowHosts: ["jobs.internal"],
});

function isLetIn(headers: Record<string, string>): boolean {
  return browserProblem(rules, headers) === undefined;
}

describe("browsers", () => {
  test("a request without Origin is no browser's and goes on", () => {
    expect(isLetIn({ host: "127.0.0.1:7401" })).toBe(true);
  });

  test("an Origin that is not listed is refused, whatever the host", () => {
    const origins = ["https://evil.example", "null", "http://127.0.0.1:7401", ""];

    expect(origins.filter((origin) => isLetIn({ host: "127.0.0.1", origin }))).toEqual([]);
  });

  test("a listed Origin is let in, in any case of letters", () => {
    expect(isLetIn({ host: "127.0.0.1", origin: "https://console.EXAMPLE" })).toBe(true);
  });

  test("a listed Origin does not excuse an unknown Host", () => {
    expect(isLetIn({ host: "evil.example", origin: "https://console.example" })).toBe(false);
  });

  test("Host may be an address, localhost, the advertised name or a listed one", () => {
    const hosts = [
      "127.0.0.1",
      "192.168.7.9:7401",
      "[::1]:7401",
      "[fe80::1]",
      "localhost:9",
      "LocalHost",
      "n1.jobs.example:7401",
      "jobs.internal",
    ];

    expect(hosts.filter((host) => !isLetIn({ host }))).toEqual([]);
  });

  test("Host may not be a stranger's name, nor a name that looks like an address", () => {
    const hosts = [
      "evil.example",
      "127.0.0.1.evil.example",
      "1.2.3",
      "256.1.1.1",
      "[evil.example]",
      "[::1].evil.example",
      "[zz::1]",
      "localhost.evil.example",
      "",
    ];

    expect(hosts.filter((host) => isLetIn({ host }))).toEqual([]);
  });

  test("a request without Host is refused", () => {
    expect(isLetIn({})).toBe(false);
  });
});
