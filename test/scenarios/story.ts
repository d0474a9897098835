// story.ts — the text of a story and its parts: `# what it tells`, then blocks of commands, `----` and the
// trace that they must print. `;` separates commands on a line; a line that begins with `given` is done
// and not told; `#` explains; a blank line ends a block. Whatever is not understood is an error with
// file and line.
import type { Act } from "./commands/command.ts";
import { manual } from "./commands/manual.ts";
import { type Place, StoryError, Words } from "./words.ts";

export interface StoryCommand {
  readonly place: Place;
  readonly text: string;
  readonly isTold: boolean;
  readonly act: Act;
}

export interface Block {
  readonly commands: readonly StoryCommand[];
  /** The lines before the trace as they stand, `----` included. */
  readonly source: readonly string[];
  readonly expected: readonly string[];
}

export interface Story {
  readonly file: string;
  /** The sentence without its `#`. */
  readonly title: string;
  readonly blocks: readonly Block[];
}

export function parseStory(file: string, text: string): Story {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  const fail = (place: number, says: string): never => {
    throw new StoryError({ file, line: place + 1 }, says);
  };
  const title = /^# (\S.*\.)$/.exec(lines[0] ?? "")?.[1];
  if (title === undefined) return fail(0, "a story opens with `# ` and one sentence");
  const names = new Set<string>();
  const blocks: Block[] = [];
  let source: string[] = [];
  let commands: StoryCommand[] = [];
  for (let place = 1; place < lines.length; place++) {
    const line = lines[place] ?? "";
    source.push(line);
    if (line !== "----") {
      commands.push(...parseLine(line, { place: { file, line: place + 1 }, names }));
      continue;
    }
    if (commands.length === 0) fail(place, "a trace of no commands");
    const end = lines.indexOf("", place);
    const expected = lines.slice(place + 1, end === -1 ? lines.length : end);
    blocks.push({ commands, source, expected });
    [source, commands] = [[], []];
    place += expected.length;
  }
  const leftOver = commands[0];
  if (leftOver !== undefined) fail(leftOver.place.line - 1, "commands without `----` and a trace");
  if (blocks.length === 0) fail(0, "a story has commands, `----` and a trace");
  return { file, title, blocks };
}

function parseLine(
  line: string,
  parts: { readonly place: Place; readonly names: Set<string> },
): readonly StoryCommand[] {
  const { names, place } = parts;
  if (line.trim() === "" || line.startsWith("#")) return [];
  const isTold = !line.startsWith("given ");
  const told = isTold ? line : line.slice("given ".length);
  return split(told).map((text) => {
    const words = new Words(place, { command: text, names });
    const word = words.next("a command");
    const command = manual.get(word);
    if (command === undefined) return words.fail(`${word} is no command`);
    const act = command.read(words);
    words.end();
    return { place, text, isTold, act };
  });
}

/** At each `;` that is not within quotes. */
function split(line: string): readonly string[] {
  return (line.match(/(?:"[^"]*"|[^";])+/g) ?? []).map((text) => text.trim());
}

/** The story with these traces in the place of the expected ones. */
export function storyText(story: Story, traces: readonly (readonly string[])[]): string {
  const blocks = story.blocks.flatMap(({ source }, place) => [...source, ...(traces[place] ?? [])]);
  return `${[`# ${story.title}`, ...blocks].join("\n")}\n`;
}
