// main.ts — npm run scenario -- [NAME] [--update] [--words]: plays the stories whose file name contains NAME.
// --update rewrites the traces that differ: read the diff. --words prints the language.
// Exit 0: every story was told as it is written; 1: one was not; 2: usage.
import { parseArgs } from "node:util";
import { runCommandLine, UsageError } from "../command-line.ts";
import { caseFiles, readCase, writeCase } from "./cases.ts";
import { manualText } from "./commands/manual.ts";
import { differenceText } from "./difference.ts";
import { play } from "./play.ts";
import { parseStory, storyText } from "./story.ts";
import { StoryError } from "./words.ts";

const usage = "npm run scenario -- [NAME] [--update] [--words]";

const print = (text: string): void => void process.stdout.write(`${text}\n`);

function main(): number {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      update: { type: "boolean", default: false },
      words: { type: "boolean", default: false },
    },
  });
  if (values.words) {
    print(manualText());
    return 0;
  }
  const [namePart, ...more] = positionals;
  const files = caseFiles(namePart);
  if (more.length > 0 || files.length === 0) {
    throw new UsageError(`no story has ${positionals.join(" ")} in its name`);
  }
  const ends = files.map((file) => tell(file, values.update ? "update" : "compare"));
  const differing = ends.filter((end) => end === "differs").length;
  const stopped = ends.filter((end) => end === "stopped").length;
  const verb = values.update ? "rewritten" : "not told as written";
  print(`${files.length} stories, ${differing} ${verb}, ${stopped} that can't be told`);
  return stopped > 0 || (differing > 0 && !values.update) ? 1 : 0;
}

/** A story that can't be told is told where it stops; a broken invariant ends everything. */
function toldStory(file: string, text: string): string | undefined {
  try {
    const story = parseStory(file, text);
    const traces = play(story, ({ line, text: command }) =>
      print(`${file}:${line}: stopped at: ${command}`),
    );
    return storyText(story, traces);
  } catch (error) {
    if (!(error instanceof StoryError)) throw error;
    print(error.message);
    return undefined;
  }
}

function tell(file: string, mode: "update" | "compare"): "as written" | "differs" | "stopped" {
  const text = readCase(file);
  const told = toldStory(file, text);
  if (told === undefined) return "stopped";
  if (told === text) return "as written";
  print(`${file}\n${differenceText(text, told)}`);
  if (mode === "update") writeCase(file, told);
  return "differs";
}

await runCommandLine(usage, main);
