// free-port.ts — ports that nobody listens on, and that nobody else is given as long as this process lives: a node is
// started on them later, killed, and started again, while other test files and other runs go on beside it. A port that
// the kernel chose is free again as soon as its node is down, and the next one who asks may be given it.
import { createServer, type Server } from "node:net";

/** Below those that the kernel chooses from, for whoever dials or asks for any port. */
const lowest = 10_000;
const portsInBlock = 200;
const blocks = 110;

/** Of those of a block that are not its door. */
let left: number[] = [];
/** The block that is tried next; processes begin at different ones, so that they seldom meet. */
let nextBlock = process.pid % blocks;

export async function freePorts(count: number): Promise<readonly number[]> {
  const found: number[] = [];
  while (found.length < count) {
    // Looked at again after each wait: others may ask meanwhile.
    const port = left.shift();
    if (port === undefined) left = await ownBlock();
    else if (await isFree(port)) found.push(port);
  }
  return found;
}

/** A port from which on those at these distances, up to 199, are free, and nobody else's. */
export async function freeBasePort(distances: readonly number[]): Promise<number> {
  for (;;) {
    const [first = 0] = await ownBlock();
    const base = first - 1;
    const free = await Promise.all(distances.map((distance) => isFree(base + distance)));
    if (free.every(Boolean)) return base;
  }
}

/** Its first port is the door: whoever listens there owns all the others, until its process ends. */
async function ownBlock(): Promise<number[]> {
  for (let tries = 0; tries < blocks; tries += 1) {
    const door = lowest + nextBlock * portsInBlock;
    nextBlock = (nextBlock + 1) % blocks;
    const server = await listening(door);
    if (server === undefined) continue;
    server.unref();
    return Array.from({ length: portsInBlock - 1 }, (_, at) => door + 1 + at);
  }
  throw new Error("all blocks of ports are taken");
}

async function isFree(port: number): Promise<boolean> {
  const server = await listening(port);
  if (server === undefined) return false;
  await new Promise((resolve) => server.close(resolve));
  return true;
}

function listening(port: number): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(undefined);
      else reject(error);
    });
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}
