// contract-claims.ts — how the contract suites say what they expect, without any test runner: they
// get `describe` and `test` from whoever runs them, and fail by throwing.

/** What vitest, node:test, mocha and jest all have. */
export interface TestFunctions {
  describe(name: string, body: () => void): void;
  test(name: string, body: () => Promise<void>): void;
}

export class BrokenPromiseError extends Error {
  override readonly name = "BrokenPromiseError";
}

/** Fails unless both are equal by content. */
export function claimEqual(actual: unknown, expected: unknown): void {
  const [left, right] = [plainText(actual), plainText(expected)];
  if (left !== right) throw new BrokenPromiseError(`found ${left}, expected ${right}`);
}

export function claim(isTrue: boolean, sentence: string): asserts isTrue {
  if (!isTrue) throw new BrokenPromiseError(sentence);
}

/** What `promise` rejects with; fails if it resolves. */
export async function claimRejects(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new BrokenPromiseError("resolved where it must reject");
}

function plainText(value: unknown): string {
  return JSON.stringify(value, (_key, held: unknown) => {
    if (held instanceof Uint8Array) return `bytes ${[...held].join(",")}`;
    return held === undefined ? "undefined" : held;
  });
}
