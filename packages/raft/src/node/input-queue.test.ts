import { describe, expect, test } from "vitest";
import { incarnation, logIndex, nodeId, term, ZERO_INDEX, ZERO_TERM } from "../core/ids.ts";
import { InputQueue, type MessageInput } from "./input-queue.ts";

function anAppend(payloadBytes: number): MessageInput {
  const payload = new Uint8Array(payloadBytes);
  return {
    kind: "message",
    incarnation: incarnation(1),
    message: {
      kind: "append-entries",
      from: nodeId("1".repeat(32)),
      to: nodeId("2".repeat(32)),
      term: term(1),
      prevIndex: ZERO_INDEX,
      prevTerm: ZERO_TERM,
      entries: [{ kind: "command", index: logIndex(1), term: term(1), payload }],
      commitIndex: ZERO_INDEX,
    },
  };
}

describe("the input queue", () => {
  test("inputs leave in the order in which they came, once", () => {
    const queue = new InputQueue({ messagesMax: 10, bytesMax: 10_000 });
    const append = anAppend(1);
    queue.add({ kind: "wake" });
    queue.offer(append);
    queue.add({ kind: "read", ticket: 1 });

    expect(queue.drain()).toEqual([{ kind: "wake" }, append, { kind: "read", ticket: 1 }]);
    expect(queue.drain()).toEqual([]);
  });

  test("more messages than fit are turned away until the queue was drained", () => {
    const queue = new InputQueue({ messagesMax: 2, bytesMax: 10_000 });

    const answers = [anAppend(1), anAppend(1), anAppend(1)].map((input) => queue.offer(input));
    queue.drain();

    expect(answers).toEqual(["taken", "taken", "full"]);
    expect(queue.offer(anAppend(1))).toBe("taken");
  });

  test("messages are bounded by bytes too, but one always fits", () => {
    const queue = new InputQueue({ messagesMax: 10, bytesMax: 1_000 });

    expect(queue.offer(anAppend(5_000))).toBe("taken");
    expect(queue.offer(anAppend(1))).toBe("full");
  });

  test("completions of our own work are never turned away", () => {
    const queue = new InputQueue({ messagesMax: 1, bytesMax: 1_000 });
    queue.offer(anAppend(1));

    queue.add({ kind: "applied", through: ZERO_INDEX });

    expect(queue.drain()).toHaveLength(2);
  });
});
