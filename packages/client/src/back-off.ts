// back-off.ts — how long to wait before the next try: full jitter, so that many clients that lost
// the same leader do not come back together. It never decides whether there is a next try.

export interface BackOffBounds {
  readonly firstMs: number;
  readonly longestMs: number;
}

export const defaultBackOff: BackOffBounds = { firstMs: 50, longestMs: 5_000 };

/** Anything from nothing to `firstMs · 2^failures`, at most `longestMs`. */
export function backOffMs(
  parts: BackOffBounds & { readonly failures: number; readonly seed: number },
): number {
  const { firstMs, longestMs, failures, seed } = parts;
  const ceiling = Math.min(longestMs, firstMs * 2 ** Math.min(failures, 30));
  return ceiling * (seed / 2 ** 32);
}
