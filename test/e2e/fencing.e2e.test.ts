// fencing.e2e.test.ts — a worker that is frozen while it holds a key, and wakes up when it is another's: the resource
// that compares tokens takes nothing from it after its successor's first write, it learns at once that it is too late,
// and whatever it asks about what it had rejects with that.
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { expect, onTestFailed, test } from "vitest";
import { ClientProcess } from "../processes/client-process.ts";
import { eventually } from "../processes/eventually.ts";
import { TestCluster } from "../processes/test-cluster.ts";

interface Fact {
  readonly started?: number;
  readonly wrote?: number;
  readonly refused?: number;
  readonly woke?: string;
  readonly ended?: string;
  /** What its calls about what it had came to: `finishAndStart`, `finish`, `release`. */
  readonly late?: readonly string[];
}

/** Takes a write unless it has taken one with a larger token. */
class FencedResource implements AsyncDisposable {
  readonly accepted: number[] = [];
  readonly refused: number[] = [];
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      void this.#judge(request).then((isTaken) => {
        response.writeHead(isTaken ? 200 : 409).end();
      });
    });
  }

  async open(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("it has a port");
    return `http://127.0.0.1:${address.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #judge(request: IncomingMessage): Promise<boolean> {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    const { token } = JSON.parse(text) as { readonly token: number };
    const isTaken = this.accepted.every((before) => before <= token);
    (isTaken ? this.accepted : this.refused).push(token);
    return isTaken;
  }
}

function tokenOf(worker: ClientProcess<Fact>): Promise<number> {
  return eventually("the worker has written", async () => {
    return worker.facts.find(({ wrote }) => wrote !== undefined)?.wrote;
  });
}

test("a worker that wakes up too late writes nothing over its successor, and is told in its first turn", async () => {
  await using cluster = await TestCluster.start({ nodes: 3 });
  onTestFailed(() => console.error(cluster.logs()));
  await using resource = new FencedResource();
  const url = await resource.open();
  const aWorker = (job: string) =>
    new ClientProcess<Fact>({ program: "fenced-worker", args: [job, url, ...cluster.endpoints] });
  await using frozen = aWorker("job-1");
  const token = await tokenOf(frozen);
  await using successor = aWorker("job-2");

  frozen.signal("SIGSTOP");
  const next = await tokenOf(successor);
  frozen.signal("SIGCONT");
  const last = await eventually("the first one has ended", async () => {
    return frozen.facts.find(({ ended }) => ended !== undefined);
  });

  expect(next).toBeGreaterThan(token);
  expect(resource.accepted).toEqual(resource.accepted.toSorted((one, other) => one - other));
  expect(resource.refused.length).toBeGreaterThan(0);
  expect(new Set(resource.refused)).toEqual(new Set([token]));
  expect(frozen.facts.find(({ woke }) => woke !== undefined)?.woke).toBe("LeaseLostError");
  expect(last.late).toEqual(["LeaseLostError", "LeaseLostError", "LeaseLostError"]);
  const { stdout } = await cluster.rogerctl("runs", "--partition", "acme", "-o", "json");
  expect(JSON.parse(stdout)).toMatchObject({ runs: [{ jobId: "job-2", token: next }] });
});
