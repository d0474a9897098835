import { expect, test } from "vitest";
import { type ClientEvent, EventFeed } from "./events.ts";

const event = (endpoint: string): ClientEvent => ({ kind: "connected", endpoint, node: "n" });

test("a reader gets what happens from its start on, in order, and ends after closed", async () => {
  const feed = new EventFeed();
  feed.tell(event("before"));
  const reader = feed.read();
  feed.tell(event("a"));
  feed.tell(event("b"));
  feed.end();

  const heard: ClientEvent[] = [];
  for await (const each of reader) heard.push(each);

  expect(heard).toEqual([event("a"), event("b"), { kind: "closed" }]);
  expect(await feed.read().next()).toEqual({ done: true, value: undefined });
});

test("a reader that waits is told at once; one that has left hears nothing more", async () => {
  const feed = new EventFeed();
  const reader = feed.read();
  const waiting = reader.next();
  feed.tell(event("a"));
  expect(await waiting).toEqual({ done: false, value: event("a") });

  await reader.return?.();
  feed.tell(event("b"));

  expect(await reader.next()).toEqual({ done: true, value: undefined });
});

test("a slow reader loses the oldest and is told how many", async () => {
  const feed = new EventFeed();
  const reader = feed.read();
  for (let at = 0; at < 300; at += 1) feed.tell(event(`${at}`));

  expect((await reader.next()).value).toEqual({ kind: "overflow", missing: 44 });
  expect((await reader.next()).value).toEqual(event("44"));
});
