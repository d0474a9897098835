import { createHash } from "node:crypto";
import {
  GlobalState,
  key,
  type ListRead,
  logTimeMs,
  partitionId,
  revision,
  type Write,
} from "@rogerd/global-state";
import type { Answer } from "@rogerd/protocol";
import { describe, expect, test } from "vitest";
import { type APort, aPort, openIds } from "../../test/outer/a-port.ts";
import type { VirtualClient } from "../../test/outer/virtual-network.ts";
import { VirtualPlatform } from "../../test/outer/virtual-platform.ts";
import { defaultBounds } from "../listener/bounds.ts";
import { ListViews } from "./list-views.ts";

const acme = partitionId("acme");

class AState {
  readonly current = new GlobalState({
    digest: (bytes) => createHash("sha256").update(bytes).digest(),
  });
  readonly notServing = undefined;

  constructor() {
    this.write({ name: "partition.start", partition: acme, args: {} });
    for (let at = 0; at < 200; at += 1) this.queue(`key-${at}`);
  }

  write(write: Write): void {
    const at = this.current.revision + 1;
    const submissions = [{ origin: { kind: "none" }, write } as const];
    const stamp = { term: 1, logTime: logTimeMs(at), wallMs: 1 };
    this.current.apply({ revision: revision(at), ...stamp, submissions });
  }

  queue(name: string): void {
    this.write({ name: "roger.isQueued", partition: acme, args: { key: key(name), add: true } });
  }

  unqueueAll(): void {
    for (let at = 0; at < 200; at += 1) {
      const args = { key: key(`key-${at}`) };
      this.write({ name: "roger.removeQueued", partition: acme, args });
    }
  }
}

function setUp(bounds: Partial<typeof defaultBounds> = {}): {
  readonly state: AState;
  readonly platform: VirtualPlatform;
  readonly views: ListViews;
} {
  const [state, platform] = [new AState(), new VirtualPlatform()];
  const parts = { platform, state, bounds: { ...defaultBounds, ...bounds } };
  return { state, platform, views: new ListViews({ ...parts, run: "n1-1" }) };
}

function queueKeys(cursor?: string, limit = 50): ListRead {
  return { name: "list", partition: acme, args: { kind: "queueKeys", prefix: "", limit, cursor } };
}

interface PageSeen {
  readonly revision: number;
  readonly keys: readonly string[];
  readonly next: string | null;
}

function page(views: ListViews, read: ListRead): PageSeen {
  const answer = views.read(read);
  if (answer === "lost" || !("result" in answer) || answer.result.status !== "list") {
    throw new Error(`a page, not ${JSON.stringify(answer)}`);
  }
  const { items, next } = answer.result;
  const keys = items.map((item) => ("key" in item ? item.key : ""));
  return { revision: answer.revision, keys, next };
}

function nextOf({ next }: PageSeen): string {
  if (next === null) throw new Error("not the last page");
  return next;
}

describe("the views of lists", () => {
  test("all pages show the state of the first page's revision, while writes go on", () => {
    const { state, views } = setUp();
    const first = page(views, queueKeys());
    const keys = [...first.keys];
    state.unqueueAll();
    for (let next = first.next; next !== null; ) {
      const further = page(views, queueKeys(next));
      expect(further.revision).toBe(first.revision);
      keys.push(...further.keys);
      next = further.next;
      state.queue(`later-${keys.length}`);
    }

    const all = Array.from({ length: 200 }, (_, at) => `key-${at}`);
    expect(keys.toSorted()).toEqual(all.toSorted());
    expect(first.revision).toBeLessThan(state.current.revision);
  });

  test("one is opened for a list of more than one page, and closed after the last", () => {
    const { views, platform } = setUp();
    page(views, queueKeys(undefined, 1_000));
    expect(views.standing.views).toBe(0);

    let seen = page(views, queueKeys());
    expect(views.standing.views).toBe(1);
    while (seen.next !== null) seen = page(views, queueKeys(seen.next));

    expect(views.standing.views).toBe(0);
    expect(platform.timersArmed).toBe(0);
  });

  test("one is closed after 60 s, used or not, and its pages are lost", async () => {
    const { views, platform, state } = setUp();
    const first = page(views, queueKeys());
    state.unqueueAll();
    await platform.advance(59_999);
    const second = page(views, queueKeys(nextOf(first)));

    await platform.advance(1);

    expect(views.read(queueKeys(nextOf(second)))).toBe("lost");
    expect(views.standing).toEqual({ views: 0, heldBytes: 0 });
  });

  test("of nine the one that was not used for longest is closed", () => {
    const { views, platform } = setUp();
    const firsts = Array.from({ length: 8 }, () => page(views, queueKeys(undefined, 10)));
    const [one, two, ...others] = firsts.map(nextOf);
    page(views, queueKeys(one, 10));

    page(views, queueKeys(undefined, 10));

    expect(views.read(queueKeys(two, 10))).toBe("lost");
    for (const cursor of [one, ...others]) {
      expect(page(views, queueKeys(cursor, 10)).keys).toHaveLength(10);
    }
    expect(views.standing.views).toBe(8);
    expect(platform.timersArmed).toBe(8);
  });

  test("when they have copied too much, the one that has copied most is closed", () => {
    const { views, state } = setUp({ listViewsBytesMax: 20_000 });
    const long = page(views, queueKeys(undefined, 10));
    const short = page(views, queueKeys(undefined, 150));
    state.unqueueAll();

    expect(views.read(queueKeys(nextOf(long), 10))).toBe("lost");
    expect(page(views, queueKeys(nextOf(short), 150)).keys).toHaveLength(50);
  });

  test("what they copied is given back when they are closed", () => {
    const { views, state, platform } = setUp();
    page(views, queueKeys());
    page(views, queueKeys());
    state.unqueueAll();
    expect(views.standing.heldBytes).toBeGreaterThan(2 * 150 * 64);

    views.stop();

    expect(views.standing).toEqual({ views: 0, heldBytes: 0 });
    expect(platform.timersArmed).toBe(0);
  });

  test.each([
    ["of another node", "c2.n2-1.1.c1.00000000"],
    ["of an earlier run", "c2.n1-0.1.c1.00000000"],
    ["of no view, as they once were", "c1.00000000.key-7"],
    ["of a view that never was", "c2.n1-1.2.c1.00000000"],
  ])("a cursor %s is lost", (_whose, cursor) => {
    const { views } = setUp();
    page(views, queueKeys());

    expect(views.read(queueKeys(cursor))).toBe("lost");
  });

  test("a cursor of another list is refused, and the list goes on", () => {
    const { views } = setUp();
    const cursor = nextOf(page(views, queueKeys()));

    expect(views.read({ name: "session.list", args: queueKeys(cursor).args })).toMatchObject({
      refusal: { code: "invalid_argument", path: "args.cursor" },
    });
    expect(page(views, queueKeys(cursor)).keys).toHaveLength(50);
  });

  test("what nobody started has no list", () => {
    const { views } = setUp();
    const read = { ...queueKeys(), partition: partitionId("nobody") } as ListRead;

    expect(views.read(read)).toMatchObject({ refusal: { code: "not_started" } });
    expect(views.standing.views).toBe(0);
  });
});

async function asked(port: APort, client: VirtualClient, more: object): Promise<Answer> {
  client.say({
    kind: "requests",
    requests: [{ id: 9, command: "session.list", args: {}, ...more }],
  });
  await port.settle();
  const answer = client.heardOf("answers").at(-1)?.answers.at(-1);
  if (answer === undefined) throw new Error("an answer");
  return answer;
}

function cursorIn(answer: Answer): string {
  if (!("result" in answer) || answer.result.status !== "list") throw new Error("a page");
  return answer.result.next ?? "";
}

describe("a client that lists page by page", () => {
  test("is shown one revision, by the leader and by a node that follows; leases are those of now", async () => {
    const port = await aPort();
    const client = await port.speaker(openIds.a);
    await port.speaker(openIds.b);
    port.leadershipMoved();
    await port.settle();
    const first = await asked(port, client, { args: { limit: 1 } });
    await port.speaker("c".repeat(32));

    const second = await asked(port, client, { args: { limit: 1, cursor: cursorIn(first) } });
    expect(first).toMatchObject({ revision: 3 });
    expect(second).toMatchObject({
      revision: 3,
      result: { items: [{ leaseLeftMs: expect.any(Number) }], next: null },
    });

    port.node.follow("n2");
    const stale = await asked(port, client, { args: { limit: 1 }, revisionMin: 4 });
    const further = { args: { limit: 2, cursor: cursorIn(stale) }, revisionMin: 4 };
    expect(await asked(port, client, further)).toMatchObject({
      revision: 4,
      result: { next: null },
    });
  });

  test("is told to start again once its list is not kept any more", async () => {
    const port = await aPort();
    const client = await port.speaker(openIds.a);
    await port.speaker(openIds.b);
    const cursor = cursorIn(await asked(port, client, { args: { limit: 1 } }));
    await port.platform.advance(60_000);

    const again = await asked(port, client, { args: { limit: 1, cursor } });

    expect(again).toMatchObject({ error: { code: "compacted", retryable: false } });
    expect(JSON.stringify(again)).toContain("list again from the start");
  });
});
