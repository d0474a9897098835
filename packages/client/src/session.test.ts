import { expect, test } from "vitest";
import { VirtualWorld } from "../test/virtual-world.ts";
import { drawOpenId, isStill, moveSession, Session } from "./session.ts";

test("an openId is 128 random bits as 32 hex digits", () => {
  const world = new VirtualWorld();
  world.seeds = [1, 0xffffffff, 0, 0xabc];

  expect(drawOpenId(world)).toBe("00000001ffffffff0000000000000abc");
});

test("a session that has ended never lives again", () => {
  const session = new Session("0");

  expect(moveSession(session, "expired")).toBe(false);
  expect(moveSession(session, "live")).toBe(true);
  expect(moveSession(session, "expired")).toBe(true);
  expect(moveSession(session, "live")).toBe(false);
  expect(moveSession(session, "closed")).toBe(false);
  expect(session.sessionState).toBe("expired");
});

test("another id, or the same one after it expired, is not the session we had", () => {
  const session = new Session("0");
  session.id = 4;
  moveSession(session, "live");

  expect(isStill(session, 4)).toBe(true);
  expect(isStill(session, 5)).toBe(false);
  moveSession(session, "expired");
  expect(isStill(session, 4)).toBe(false);
});
