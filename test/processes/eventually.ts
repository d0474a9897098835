// eventually.ts — waits for a fact about real processes: asks again until it holds, and says what it
// saw last when it never does. The bound is generous: it ends a hang, it measures nothing.

/** What is waited for can't come true any more. */
export class HopelessError extends Error {
  override readonly name = "HopelessError";
}

export async function eventually<Value>(
  claim: string,
  look: () => Promise<Value | undefined>,
  options: { readonly withinMs?: number; readonly everyMs?: number } = {},
): Promise<Value> {
  const { withinMs = 60_000, everyMs = 50 } = options;
  const giveUpAt = performance.now() + withinMs;
  let lastProblem: unknown;
  for (;;) {
    try {
      const value = await look();
      if (value !== undefined) return value;
    } catch (problem) {
      if (problem instanceof HopelessError) throw problem;
      lastProblem = problem;
    }
    if (performance.now() > giveUpAt) {
      throw new Error(`did not come true within ${withinMs} ms: ${claim}`, { cause: lastProblem });
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
