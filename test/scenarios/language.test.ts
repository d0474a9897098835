// The language of the stories: what is not understood is told with file and line, and a story that means
// what is not there does not pass.
import { describe, expect, test } from "vitest";
import { manual, manualText } from "./commands/manual.ts";
import { play } from "./play.ts";
import { parseStory, storyText } from "./story.ts";

const beginning = ["# It is a story.", "cluster n1 n2 n3; elect n1"];

function told(...lines: readonly string[]): string {
  const story = parseStory("a.txt", `${lines.join("\n")}\n`);
  return storyText(
    story,
    play(story, () => undefined),
  );
}

describe("the language of the stories", () => {
  test.each([
    ["a command that there is not", ["electt n1"], "a.txt:3: electt is no command"],
    ["a node that there is not", ["elect n4"], "a.txt:3: n4 is no node of this story: n1 n2 n3"],
    ["a link to nobody", ["cut n1>n7"], "a.txt:3: n7 is no node of this story"],
    ["words left over", ["", "elect n1 now"], "a.txt:4: not understood: now"],
    ["words left over after a filter", ["drop heartbeats"], "a.txt:3: not understood: heartbeats"],
    ["a word that is missing", ["propose n1"], "a.txt:3: a text is missing"],
    ["a number that is none", ["pass long"], "a.txt:3: milliseconds is a whole number, not long"],
    [
      "a setting that there is not",
      ["settings speed 3"],
      "a.txt:3: speed is no setting of the core",
    ],
    ["the second of two commands", ["heal; elect n9"], "a.txt:3: n9 is no node"],
  ])("%s is an error where it stands", (_, lines, says) => {
    expect(() => told(...beginning, ...lines, "----")).toThrow(says);
  });

  test.each([
    ["a delivery of nothing", "deliver heartbeat n1>n2", "nothing like that is on its way"],
    ["dropping nothing", "drop", "nothing like that is on its way"],
    ["a node that does not lead", "heartbeat n2", "n2 is a follower: only a leader has heartbeats"],
    ["a leader that waits for a leader", "timeout n1", "n1 leads: it waits for no leader"],
    ["healing what is whole", "heal", "no link is cut"],
    ["a write of a disk that is not slow", "write n1", "n1 has no slow disk"],
    ["starting what runs", "start n1", "n1 runs"],
    ["preparing what runs", "seed 3", "the nodes run already"],
  ])("%s is an error", (_, command, says) => {
    expect(() => told(...beginning, command, "----")).toThrow(`a.txt:3: ${says}`);
  });

  test("a story without its sentence, its trace or its commands is an error", () => {
    expect(() => told("elect n1", "----")).toThrow("a.txt:1: a story opens with");
    expect(() => told(...beginning)).toThrow("a.txt:2: commands without `----` and a trace");
    expect(() => told(...beginning, "----", "n1  x", "", "----")).toThrow("a trace of no commands");
    expect(() => told(...beginning, "----", "", "heal")).toThrow("a.txt:5: commands without");
  });

  test("a trace that is not what is told is replaced, and all else stays as it stands", () => {
    const story = [...beginning, "----", "n1  leader t7", "", "# And then.", 'propose n1 "a; b"'];

    expect(told(...story, "----", "old").split("\n")).toEqual([
      ...beginning,
      "----",
      "n1  pre-candidate t1, candidate t2",
      "n2  follower t2, vote n1",
      "n3  follower t2, vote n1",
      "n1  leader t2, append 2@t2 noop",
      "n2  follower t2 of n1, append 2@t2 noop",
      "n3  follower t2 of n1, append 2@t2 noop",
      "n1  commit 2",
      "",
      "# And then.",
      'propose n1 "a; b"',
      "----",
      "n1  append 3@t2 a; b",
      "n2  append 3@t2 a; b, commit 2",
      "n3  append 3@t2 a; b, commit 2",
      "n1  commit 3",
      "",
    ]);
  });

  test("what is given is done and not told", () => {
    expect(told("# It is.", "given cluster n1 n2 n3; elect n1", "isolate n2", "----")).toBe(
      "# It is.\ngiven cluster n1 n2 n3; elect n1\nisolate n2\n----\nnothing\n",
    );
  });

  test("a broken invariant ends the story, and it is told where", () => {
    const lines = [...beginning, "snapshot n1; lose-snapshots n1; crash n1; start n1", "----", ""];
    const story = parseStory("a.txt", lines.join("\n"));
    const stops: string[] = [];

    expect(() => play(story, ({ line, text }) => stops.push(`${line} ${text}`))).toThrow(
      "a marked snapshot is there",
    );
    expect(stops).toEqual(["3 start n1"]);
  });

  test("every command is in the manual", () => {
    const text = manualText();

    for (const [word, { usage }] of manual) {
      expect(usage.startsWith(word)).toBe(true);
      expect(text).toContain(usage);
    }
  });
});
