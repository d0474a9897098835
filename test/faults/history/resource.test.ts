import { connect } from "node:net";
import { expect, test } from "vitest";
import { eventually } from "../../processes/eventually.ts";
import { writeOutside } from "../workloads/outside.ts";
import { FencedResource } from "./resource.ts";

const write = (thing: string, token: number) => ({ thing, owner: "o", token });

test("a write is taken unless a larger token was seen for the thing, and all are noted", async () => {
  await using resource = new FencedResource();
  const url = await resource.open("127.0.0.1");

  const answers = [
    await writeOutside(url, write("key k1", 5)),
    await writeOutside(url, write("key k1", 5)),
    await writeOutside(url, write("key k1", 4)),
    await writeOutside(url, write("key k1", 4)),
    await writeOutside(url, write("key k2", 4)),
    await writeOutside(url, write("key k1", 6)),
    await writeOutside(url, write("key k1", 5)),
  ];

  expect(answers).toEqual(["taken", "taken", "refused", "refused", "taken", "taken", "refused"]);
  expect(resource.lines).toMatchObject([
    { kind: "resource", thing: "key k1", owner: "o", token: 5, isTaken: true },
    { thing: "key k1", token: 5, isTaken: true },
    { thing: "key k1", token: 4, isTaken: false },
    { thing: "key k1", token: 4, isTaken: false },
    { thing: "key k2", token: 4, isTaken: true },
    { thing: "key k1", token: 6, isTaken: true },
    { thing: "key k1", token: 5, isTaken: false },
  ]);
});

test("a write that breaks off is none", async () => {
  await using resource = new FencedResource();
  const url = new URL(await resource.open("127.0.0.1"));
  const socket = connect(Number(url.port), url.hostname);
  const head = "POST / HTTP/1.1\r\nhost: resource\r\ncontent-length: 1000\r\n\r\n";
  socket.write(head + JSON.stringify(write("key k1", 9)));
  await new Promise((resolve) => setTimeout(resolve, 50));
  socket.resetAndDestroy();
  await new Promise((resolve) => setTimeout(resolve, 50));

  await writeOutside(url.href, write("key k1", 1));

  await eventually("the other one is noted", async () => resource.lines.length > 0 || undefined);
  expect(resource.lines).toMatchObject([{ token: 1 }]);
});

test("a write that nobody answers is unanswered", async () => {
  const resource = new FencedResource();
  const url = await resource.open("127.0.0.1");
  await resource[Symbol.asyncDispose]();

  expect(await writeOutside(url, write("key k1", 1))).toBe("unanswered");
});
