// play.ts — plays a story from its beginning to its end, and gives the trace of each block. A broken invariant
// or a story that can't go on ends it; `stopped` is told where.
import { Stage } from "./stage.ts";
import type { Story } from "./story.ts";
import { Trace } from "./trace.ts";
import type { Place } from "./words.ts";

export function play(
  story: Story,
  stopped: (at: Place & { readonly text: string }) => void,
): readonly (readonly string[])[] {
  const trace = new Trace();
  const stage = new Stage({ place: { file: story.file, line: 1 }, trace });
  return story.blocks.map(({ commands }) => {
    for (const { act, isTold, place, text } of commands) {
      stage.place = place;
      trace.isTold = isTold;
      let isDone = false;
      try {
        act(stage);
        stage.settle();
        isDone = true;
      } finally {
        if (!isDone) stopped({ ...place, text });
      }
    }
    return trace.take();
  });
}
