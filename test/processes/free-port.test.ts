// Nobody is given what somebody else was given before, whether it is in use just now or not.
import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test, vi } from "vitest";

type FreePort = typeof import("./free-port.ts");

/** As another process has it: it knows nothing of what this one was given. */
function another(): Promise<FreePort> {
  vi.resetModules();
  return import("./free-port.ts");
}

test("no port is given twice, by whichever process, though nobody listens there", async () => {
  const [one, other] = [await another(), await another()];

  const given = await Promise.all([
    one.freePorts(150),
    other.freePorts(150),
    one.freePorts(150),
    other.freePorts(150),
  ]);

  expect(new Set(given.flat()).size).toBe(600);
});

test("a port at which somebody listens is not given", async () => {
  const { freePorts } = await another();
  const [first = 0] = await freePorts(1);
  const server = createServer().listen(first + 1, "127.0.0.1");
  await once(server, "listening");

  expect(await freePorts(2)).toEqual([first + 2, first + 3]);
  server.close();
});

test("those at some distance from a base port are the asker's, too", async () => {
  const [one, other] = [await another(), await another()];
  const distances = [1, 2, 3, 101, 102, 103];

  const bases = [await one.freeBasePort(distances), await other.freeBasePort(distances)];

  const ports = bases.flatMap((base) => distances.map((distance) => base + distance));
  const given = [...(await one.freePorts(400)), ...(await other.freePorts(400))];
  expect(new Set([...ports, ...given]).size).toBe(ports.length + given.length);
});
