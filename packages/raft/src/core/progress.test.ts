import { describe, expect, test } from "vitest";
import { logIndex } from "./ids.ts";
import {
  accept,
  hasRoom,
  isCurrentRefusal,
  newProgress,
  type Progress,
  sent,
  toProbe,
  toStream,
} from "./progress.ts";

const window = { windowMessagesMax: 3, windowBytesMax: 100 };

/** Streaming after 4, with messages through 5, 6 and 7 on their way. */
function aStream(): Progress {
  const progress = newProgress(logIndex(9));
  accept(progress, logIndex(4));
  toStream(progress);
  for (const lastIndex of [5, 6, 7]) sent(progress, { lastIndex: logIndex(lastIndex), bytes: 10 });
  return progress;
}

describe("a follower's progress", () => {
  test("begins with a probe at the end of the leader's log", () => {
    expect(newProgress(logIndex(9))).toMatchObject({
      matchIndex: 0,
      nextIndex: 10,
      flow: { kind: "probe", isWaiting: false },
    });
  });

  test("streams on from what was accepted, and a message that is answered leaves the window", () => {
    const progress = aStream();

    const before = hasRoom(progress.flow, window);
    accept(progress, logIndex(6));

    expect([before, hasRoom(progress.flow, window)]).toEqual([false, true]);
    expect(progress).toMatchObject({
      matchIndex: 6,
      nextIndex: 8,
      flow: { inFlight: [{ lastIndex: 7 }] },
    });
  });

  test("a window is full of bytes as it is of messages", () => {
    const progress = aStream();
    accept(progress, logIndex(7));

    sent(progress, { lastIndex: logIndex(8), bytes: 99 });
    const below = hasRoom(progress.flow, window);
    sent(progress, { lastIndex: logIndex(9), bytes: 1 });

    expect([below, hasRoom(progress.flow, window)]).toEqual([true, false]);
  });

  test("never goes back for a late answer (R6)", () => {
    const progress = aStream();
    accept(progress, logIndex(6));

    const isNews = accept(progress, logIndex(5));

    expect([isNews, progress.matchIndex, progress.nextIndex]).toEqual([false, 6, 8]);
  });

  test("never probes at or before what was accepted (R7)", () => {
    const progress = aStream();

    toProbe(progress, logIndex(2));

    expect(progress).toMatchObject({ nextIndex: 5, flow: { kind: "probe" } });
  });

  test("believes a refusal of the probe on its way, or of a stream beyond the match, and no other", () => {
    const stream = aStream();
    const probe = aStream();
    toProbe(probe, logIndex(6));

    expect([4, 5, 6].map((index) => isCurrentRefusal(stream, logIndex(index)))).toEqual([
      false,
      true,
      true,
    ]);
    expect([4, 5, 6].map((index) => isCurrentRefusal(probe, logIndex(index)))).toEqual([
      false,
      true,
      false,
    ]);
  });
});
