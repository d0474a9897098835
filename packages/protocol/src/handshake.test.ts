import { expect, test } from "vitest";
import type { Hello, Welcome } from "./frame.ts";
import { agreedVersion, chooseSubprotocol, helloProblem, welcomeProblem } from "./handshake.ts";

const hello: Hello = { kind: "hello", protocol: 1, client: "test" };
const welcome: Welcome = {
  kind: "welcome",
  protocol: 1,
  clusterId: "c1",
  node: "n1",
  leader: null,
  limits: { frameBytesMax: 1, callsInFlightMax: 1 },
};

test("MessagePack is chosen before JSON, whatever the order, and strangers are passed over", () => {
  expect(chooseSubprotocol(["rogerd.v1.json", "rogerd.v1.msgpack"])).toBe("rogerd.v1.msgpack");
  expect(chooseSubprotocol(["soap", "rogerd.v1.json"])).toBe("rogerd.v1.json");
  expect(chooseSubprotocol(["soap"])).toBe(undefined);
});

test("two ends speak the lower of their newest versions, unless it is too old", () => {
  expect(agreedVersion(1)).toBe(1);
  expect(agreedVersion(7)).toBe(1);
  expect(agreedVersion(0)).toBe(undefined);
});

test("a node of another cluster refuses, and is refused", () => {
  expect(helloProblem({ ...hello, clusterId: "c2" }, { clusterId: "c1" })).toMatchObject({
    closeCode: 4410,
    error: { code: "forbidden" },
  });
  expect(welcomeProblem(welcome, { clusterId: "c2" })).toMatchObject({ closeCode: 4410 });
});

test("a client that knows no cluster yet is welcome and takes the first", () => {
  expect(helloProblem(hello, { clusterId: "c1" })).toBe(undefined);
  expect(welcomeProblem(welcome, { clusterId: undefined })).toBe(undefined);
});

test("a version that one end does not speak ends the handshake on that end", () => {
  expect(helloProblem({ ...hello, protocol: 0 }, { clusterId: "c1" })).toMatchObject({
    closeCode: 4409,
  });
  expect(welcomeProblem({ ...welcome, protocol: 2 }, { clusterId: "c1" })).toMatchObject({
    closeCode: 4409,
    error: { code: "version_mismatch" },
  });
});
