// yardstick-node.ts — one process of the yardstick: the bare data path of a replicated log and nothing
// else. No elections, terms, repair, snapshots or sessions: it shows what three Node processes can
// do at best, so that a ratio means something on a noisy machine. Started by yardstick.ts.
//   node yardstick-node.js follower DIR          prints its port
//   node yardstick-node.js leader DIR PORT PORT  prints its port
import { open } from "node:fs/promises";
import type { Socket } from "node:net";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { Packr, Unpackr } from "msgpackr";
import { WebSocketServer } from "ws";

const packr = new Packr({ useRecords: false });
const unpackr = new Unpackr({ useRecords: false });
const logBytes = 512 * 1024 * 1024;

interface Log {
  append(bytes: Buffer): Promise<void>;
}

/** A zero-filled file, one write and one fdatasync per batch, back to the start when full. */
async function openLog(directory: string): Promise<Log> {
  const file = await open(join(directory, "yardstick.log"), "w+");
  const zeros = Buffer.alloc(1024 * 1024);
  for (let at = 0; at < logBytes / 8; at += zeros.length)
    await file.write(zeros, 0, zeros.length, at);
  await file.datasync();
  let at = 0;
  return {
    async append(bytes) {
      const header = Buffer.alloc(8);
      header.writeUInt32LE(bytes.length, 0);
      header.writeUInt32LE(crc32(bytes), 4);
      if (at + bytes.length + 8 > logBytes / 8) at = 0;
      await file.writev([header, bytes], at);
      await file.datasync();
      at += bytes.length + 8;
    },
  };
}

/** Length-prefixed frames over TCP. */
function framesOf(socket: Socket, onFrame: (frame: Buffer) => void): void {
  let pending: Buffer = Buffer.alloc(0);
  socket.setNoDelay(true);
  socket.on("data", (chunk) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    while (pending.length >= 4 && pending.length >= 4 + pending.readUInt32LE(0)) {
      const length = pending.readUInt32LE(0);
      onFrame(pending.subarray(4, 4 + length));
      pending = pending.subarray(4 + length);
    }
  });
}

function sendFrame(socket: Socket, body: Uint8Array): void {
  const header = Buffer.alloc(4);
  header.writeUInt32LE(body.length, 0);
  socket.cork();
  socket.write(header);
  socket.write(body);
  socket.uncork();
}

/** Appends what came while the last sync was under way as one batch, then acknowledges the last number. */
async function follow(directory: string): Promise<void> {
  const log = await openLog(directory);
  const server = createServer((socket) => {
    let waiting: Buffer[] = [];
    let isSyncing = false;
    const sync = async (): Promise<void> => {
      isSyncing = true;
      while (waiting.length > 0) {
        const batch = waiting;
        waiting = [];
        await log.append(Buffer.concat(batch));
        const number = Buffer.alloc(4);
        number.writeUInt32LE(batch.at(-1)?.readUInt32LE(0) ?? 0, 0);
        sendFrame(socket, number);
      }
      isSyncing = false;
    };
    framesOf(socket, (frame) => {
      waiting.push(frame);
      if (!isSyncing) sync().catch(stop);
    });
  });
  server.listen(0, "127.0.0.1", () => console.log(portOf(server.address())));
}

interface Batch {
  readonly number: number;
  readonly answer: () => void;
}

type YardstickRequest = readonly [id: number, kind: "acquire" | "release" | "read", key: string];

async function lead(directory: string, followerPorts: readonly number[]): Promise<void> {
  const log = await openLog(directory);
  const keys = new Map<string, true>();
  const followers = followerPorts.map((port) => connect(port, "127.0.0.1"));
  const acknowledged = [0, ...followers.map(() => 0)];
  let lastNumber = 0;
  let gathering: { bytes: Buffer; answer: () => void }[] = [];
  let waiting: Batch[] = [];
  let isSyncing = false;
  const settle = (): void => {
    const onMajority = [...acknowledged].sort((a, b) => b - a)[1] ?? 0;
    while (waiting[0] !== undefined && waiting[0].number <= onMajority) waiting.shift()?.answer();
  };
  followers.forEach((follower, which) =>
    framesOf(follower, (frame) => {
      acknowledged[which + 1] = frame.readUInt32LE(0);
      settle();
    }),
  );
  const flush = async (): Promise<void> => {
    isSyncing = true;
    while (gathering.length > 0) {
      const batch = gathering;
      gathering = [];
      lastNumber += 1;
      const number = lastNumber;
      waiting.push({ number, answer: () => batch.forEach(({ answer }) => answer()) });
      const header = Buffer.alloc(4);
      header.writeUInt32LE(number, 0);
      const bytes = Buffer.concat([header, ...batch.map((each) => each.bytes)]);
      for (const follower of followers) sendFrame(follower, bytes);
      await log.append(bytes);
      acknowledged[0] = number;
      settle();
    }
    isSyncing = false;
  };
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
  server.on("connection", (socket) =>
    socket.on("message", (bytes: Buffer) => {
      const requests = unpackr.unpack(bytes) as readonly YardstickRequest[];
      const answer = (): void => {
        const answers = requests.map(([id, kind, key]) => {
          const before = keys.has(key);
          if (kind === "acquire") keys.set(key, true);
          if (kind === "release") keys.delete(key);
          return [id, before];
        });
        socket.send(packr.pack(answers));
      };
      gathering.push({ bytes, answer });
      if (!isSyncing) {
        setImmediate(() => {
          if (!isSyncing) flush().catch(stop);
        });
      }
    }),
  );
  server.once("listening", () => console.log(portOf(server.address())));
}

function portOf(address: ReturnType<WebSocketServer["address"]>): number {
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

function stop(problem: unknown): void {
  console.error(problem);
  process.exit(1);
}

process.once("disconnect", () => process.exit(0));
const [role, directory = "", ...ports] = process.argv.slice(2);
if (role === "leader") lead(directory, ports.map(Number)).catch(stop);
else follow(directory).catch(stop);
