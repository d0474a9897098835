// command-line.ts — what the commands about simulated clusters share: numbers and seeds as they are typed, and exit 2 with
// the usage for whoever typed something else.

class UsageError extends Error {}

export function parseCount(text: string, { least }: { readonly least: number }): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < least) throw new UsageError();
  return count;
}

export function parseSeed(text: string): number {
  if (!/^[0-9a-f]{1,8}$/i.test(text)) throw new UsageError();
  return Number.parseInt(text, 16);
}

/** `main` gives the exit code. */
export async function runCommandLine(usage: string, main: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await main();
  } catch (error) {
    const isUsage = error instanceof UsageError || (error instanceof TypeError && "code" in error);
    if (!isUsage) throw error;
    process.stderr.write(`${usage}\n`);
    process.exitCode = 2;
  }
}
