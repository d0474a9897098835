// wire-end.ts — one end of a TCP connection as a process of its own: `listen HOST:PORT` or `dial HOST:PORT`. Lines that
// it is told go over the wire, and those that come are said.
import { connect, createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";

const [role = "", address = ""] = process.argv.slice(2);
const [host = "", port = ""] = address.split(":");

function say(fact: object): void {
  process.stdout.write(`${JSON.stringify(fact)}\n`);
}

/** What it was told before the wire was open. */
const early: string[] = [];
let isOpen = false;
const told = createInterface({ input: process.stdin });
told.on("line", (line) => {
  if (!isOpen) early.push(line);
});
// Whoever started it is gone.
told.on("close", () => process.exit());

function speak(socket: Socket): void {
  socket.setNoDelay(true);
  say({ state: "open" });
  isOpen = true;
  for (const line of early.splice(0)) socket.write(`${line}\n`);
  told.on("line", (line) => socket.write(`${line}\n`));
  const lines = createInterface({ input: socket });
  lines.on("line", (line) => say({ heard: line }));
  // Of its socket, which tells it itself.
  lines.on("error", () => lines.close());
  socket.on("close", () => say({ state: "closed" }));
  socket.on("error", (error) => say({ state: error.message }));
}

if (role === "listen") {
  const server = createServer(speak);
  server.listen(Number(port), host, () => say({ state: "listens" }));
} else {
  const socket = connect(Number(port), host, () => speak(socket));
  say({ state: "dials" });
  socket.on("error", (error) => say({ state: error.message }));
}
