// raw-json-client.js — a client written from docs/protocol.md alone: JSON over a WebSocket, none of our packages.
// It watches a partition while it takes a key, runs a job, cancels another, and repeats a call as after a lost answer.
// Run `npm start` in one terminal and this in another.
import { randomBytes } from "node:crypto";
import { WebSocket } from "ws";

const endpoints = (
  process.env["ROGERD_ENDPOINTS"] ?? "127.0.0.1:7401,127.0.0.1:7402,127.0.0.1:7403"
).split(",");
const openId = randomBytes(16).toString("hex");
const patienceMs = 30_000;

/** Resolves with a connection that was welcomed, and what the welcome said. */
function connect(url, clusterId) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${url}/v1`, ["rogerd.v1.json"]);
    const waiting = new Map();
    let ids = 0;
    const connection = {
      /** Called with every frame of events. */
      told: () => undefined,
      close: () => socket.close(),
      ask: (request, floor) =>
        new Promise((answered, failed) => {
          ids += 1;
          const id = ids;
          waiting.set(id, { answered, failed });
          socket.send(JSON.stringify({ kind: "requests", floor, requests: [{ id, ...request }] }));
        }),
    };
    socket.on("open", () => {
      socket.send(
        JSON.stringify({ kind: "hello", protocol: 1, client: "raw-json-client", clusterId }),
      );
    });
    socket.on("message", (data) => {
      const frame = JSON.parse(String(data));
      if (frame.kind === "welcome") resolve({ connection, welcome: frame });
      if (frame.kind === "error") reject(new Error(frame.error.message));
      if (frame.kind === "events") connection.told(frame);
      if (frame.kind !== "answers") return;
      for (const answer of frame.answers) {
        waiting.get(answer.id)?.answered(answer);
        waiting.delete(answer.id);
      }
    });
    const broken = (why) => {
      reject(why);
      for (const { failed } of waiting.values()) failed(why);
    };
    socket.on("error", broken);
    socket.on("close", (code, reason) => broken(new Error(`closed: ${code} ${reason}`)));
  });
}

/** Any node tells who leads; the leader is given our session. */
async function findLeader(known) {
  const urls = endpoints.map((endpoint) => `ws://${endpoint}`);
  for (const url of [...urls, ...urls]) {
    try {
      const { connection, welcome } = await connect(url, known.clusterId);
      known.clusterId = welcome.clusterId;
      connection.close();
      if (welcome.leader === null) continue;
      const { connection: leader } = await connect(welcome.leader.clientUrl, known.clusterId);
      const command = "session.open";
      const opened = await leader.ask({ command, args: { openId, name: "raw-json-client" } });
      if (opened.result?.status === "opened") return leader;
      leader.close();
    } catch (error) {
      known.lastProblem = error;
    }
  }
  return undefined;
}

const known = { clusterId: undefined, lastProblem: undefined };
let leader;
let seq = 0;

/** Sends a call until it is decided. A write keeps its number, so it is executed once (protocol, section 4). */
async function call(request, kind) {
  const mine = kind === "write" ? { seq: ++seq } : {};
  const end = Date.now() + patienceMs;
  while (Date.now() < end) {
    leader ??= await findLeader(known);
    try {
      const answer = await leader?.ask({ ...request, ...mine }, seq);
      if (answer?.result !== undefined) return answer;
      if (answer !== undefined && !answer.error.retryable) throw new Refused(answer.error);
      known.lastProblem = answer?.error;
    } catch (problem) {
      if (problem instanceof Refused) throw problem;
      known.lastProblem = problem;
    }
    leader?.close();
    leader = undefined;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("nobody decided it", { cause: known.lastProblem });
}

class Refused extends Error {
  constructor(error) {
    super(`${error.code}: ${error.message}`);
  }
}

/** Any node tells what happens: here the one that answers first, on a connection of its own. */
async function watch(partition, types, from) {
  const { connection } = await connect(`ws://${endpoints[0]}`, known.clusterId);
  const seen = [];
  connection.told = ({ events }) => seen.push(...events);
  const began = await connection.ask({ partition, command: "watch", args: { types, from } });
  if (began.result?.status !== "watching") throw new Refused(began.error);
  const until = async (isEnough) => {
    const end = Date.now() + patienceMs;
    while (!isEnough(seen) && Date.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return seen;
  };
  return { until, close: () => connection.close() };
}

const partition = "acme";
const take = { partition, command: "roger.isExecuting", args: { key: "customer/7", add: true } };

const started = await call({ partition, command: "partition.start", args: {} }, "write");
const from = { revision: started.revision };
const watched = await watch(partition, ["executionKey", "job", "cancel.marked"], from);
const taken = await call(take, "write");
console.log("execution key customer/7:", taken.result.before ? "somebody else runs" : "ours");

// As if the answer had been lost: the same number again, from a new connection.
leader.close();
leader = undefined;
seq -= 1;
const again = await call(take, "write");
console.log(
  "asked again:",
  JSON.stringify(again.result) === JSON.stringify(taken.result)
    ? "the same answer"
    : "another answer",
);

await call({ partition, command: "roger.removeExecuted", args: { key: "customer/7" } }, "write");
const args = { jobIds: ["job-1"], by: "raw-json-client", reason: "the customer changed his mind" };
const marked = await call({ partition, command: "cancel.mark", args }, "write");
console.log("job-1:", marked.result.jobs[0].outcome);
const checked = await call(
  { partition, command: "cancel.check", args: { jobId: "job-1" } },
  "read",
);
console.log("because:", checked.result.mark.reason);

// A job that is cancelled does not start; another one runs and finishes, and holds its key meanwhile.
const job = { queue: "mail", executionKey: "customer/8", onBusy: "reject" };
const refused = await call(
  { partition, command: "job.start", args: { ...job, jobId: "job-1" } },
  "write",
);
console.log("job-1 starts:", refused.result.status);
const running = await call(
  { partition, command: "job.start", args: { ...job, jobId: "job-2" } },
  "write",
);
console.log("job-2 starts:", running.result.status, "with a token:", running.result.token > 0);
const done = await call(
  { partition, command: "job.finish", args: { jobId: "job-2", outcome: "completed" } },
  "write",
);
console.log("job-2 ends:", done.result.status);

const events = await watched.until((seen) => seen.some(({ type }) => type === "job.finished"));
console.log("seen:", events.map(({ type, name }) => `${type} ${name}`).join(", "));
watched.close();

await call({ command: "session.close", args: {} }, "write");
leader.close();
