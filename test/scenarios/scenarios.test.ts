// Every story must be told as it is written. `npm run scenario -- NAME --update` rewrites the traces.
import { basename } from "node:path";
import { describe, expect, test } from "vitest";
import { caseFiles, readCase } from "./cases.ts";
import { play } from "./play.ts";
import { parseStory, storyText } from "./story.ts";

describe("scenario", () => {
  const stories = caseFiles().map((file) => ({ file, name: basename(file, ".txt") }));

  test.each(stories)("$name", ({ file }) => {
    const text = readCase(file);
    const story = parseStory(file, text);

    const traces = play(story, ({ line, text: command }) =>
      console.error(`${file}:${line}: stopped at: ${command}`),
    );

    expect(storyText(story, traces)).toBe(text);
  });
});
