// routes.ts — preloaded into every process that is behind proxies, and into its threads: whatever address it was given
// or told of, it dials the proxy that stands before that for its place. `TEST_ROUTES` is `ADDRESS=PORT,…`.
import { Socket } from "node:net";

interface Target {
  readonly host?: string;
  readonly port?: number | string;
}

const routes = new Map(
  (process.env["TEST_ROUTES"] ?? "").split(",").map((route): [string, number] => {
    const [address = "", port = ""] = route.split("=");
    return [address, Number(port)];
  }),
);

function routed<Asked>(asked: Asked): Asked {
  if (typeof asked !== "object" || asked === null) return asked;
  const { host, port } = asked as Target;
  const proxy = routes.get(`${host}:${port}`);
  return proxy === undefined ? asked : { ...asked, port: proxy };
}

const connect: unknown = Reflect.get(Socket.prototype, "connect");
if (typeof connect !== "function") throw new Error("a socket connects no more by `connect`");
Socket.prototype.connect = function routedConnect(this: Socket, ...words: unknown[]): Socket {
  const [first] = words;
  // What `net.connect` hands over is a list that Node marks as its own: it is changed in place.
  if (Array.isArray(first)) first[0] = routed(first[0]);
  else if (typeof first === "number")
    words[0] = routes.get(`${String(words[1])}:${first}`) ?? first;
  else words[0] = routed(first);
  return Reflect.apply(connect as (...words: unknown[]) => Socket, this, words);
};
