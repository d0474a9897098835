// printed-commands.ts — the commands that a message tells the operator to run, so that a test can run
// exactly those: a message that drifts from what works then fails it.

/** Each as its words: of every line that is a command, and of what follows `run: ` at a line's end. */
export function printedCommands(text: string): readonly (readonly string[])[] {
  return [...text.matchAll(/(?:^ {2}|[Rr]un: )((?:rogerd|rogerctl) .+)$/gm)].flatMap(
    ([, command]) => (command === undefined ? [] : [command.trim().split(" ")]),
  );
}

/** The only one that begins like this. */
export function printedCommand(text: string, ...beginning: readonly string[]): readonly string[] {
  const found = printedCommands(text).filter((words) =>
    beginning.every((word, at) => words[at] === word),
  );
  const [command] = found;
  if (command === undefined || found.length > 1) {
    throw new Error(`${found.length} commands begin with "${beginning.join(" ")}" in:\n${text}`);
  }
  return command;
}

/** With what only the operator knows in the place of the words in capitals. */
export function filledIn(
  command: readonly string[],
  known: Readonly<Record<string, string>>,
): readonly string[] {
  return command.map((word) => known[word] ?? word);
}
