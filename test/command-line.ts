// command-line.ts — what the project's own commands share: numbers and seeds as they are typed; --help; and exit 2 with
// what is wrong and the usage for whoever typed something else.

export class UsageError extends Error {}

export function parseCount(text: string, { least }: { readonly least: number }): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < least) {
    throw new UsageError(`a whole number of at least ${least} is wanted, not ${text}`);
  }
  return count;
}

export function parsePositive(text: string): number {
  const number = Number(text);
  if (!(number > 0 && Number.isFinite(number))) {
    throw new UsageError(`a positive number is wanted, not ${text}`);
  }
  return number;
}

export function parseSeed(text: string): number {
  if (!/^[0-9a-f]{1,8}$/i.test(text)) {
    throw new UsageError(`a seed has up to 8 hex digits: not ${text}`);
  }
  return Number.parseInt(text, 16);
}

/** One of these, by name. */
export function parseName<Name extends string>(text: string, names: readonly Name[]): Name {
  const name = names.find((known) => known === text);
  if (name === undefined) throw new UsageError(`${text} is none of ${names.join(", ")}`);
  return name;
}

/** `main` gives the exit code. */
export async function runCommandLine(
  usage: string,
  main: () => number | Promise<number>,
): Promise<void> {
  if (process.argv.slice(2).some((word) => word === "--help" || word === "-h")) {
    process.stdout.write(`${usage}\n`);
    return;
  }
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof UsageError) && !isOfParseArgs(error)) throw error;
    process.stderr.write(`${error.message}\n${usage}\n`);
    process.exitCode = 2;
  }
}

function isOfParseArgs(error: unknown): error is Error {
  if (!(error instanceof TypeError && "code" in error)) return false;
  return typeof error.code === "string" && error.code.startsWith("ERR_PARSE_ARGS_");
}
