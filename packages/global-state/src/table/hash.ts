// hash.ts — where a row lies: a 32-bit number from its scope and key, the same on every node for ever.
// FNV-1a over UTF-16 code units (or the two halves of a number), started from the scope, then the
// finaliser of MurmurHash3. It is part of the snapshot format; it is no defence against a client
// that looks for collisions, which costs time in one bucket and never a wrong answer.

const fnvBasis = 0x811c9dc5 | 0;
const fnvPrime = 0x01000193;
const half = 0x1_0000_0000;

/** One more than the last hash. */
export const hashesEnd: number = half;

function finalise(mixed: number): number {
  let hash = mixed;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function mixNumber(start: number, value: number): number {
  const low = Math.imul(start ^ (value | 0), fnvPrime);
  return finalise(low ^ Math.floor(value / half));
}

/** `scope` is the number of a partition or a session, or 0 for tables of the whole group. */
export function hashText(scope: number, key: string): number {
  let hash = scope === 0 ? fnvBasis : mixNumber(fnvBasis, scope);
  for (let at = 0; at < key.length; at++) {
    hash = Math.imul(hash ^ key.charCodeAt(at), fnvPrime);
  }
  return finalise(hash);
}

export function hashNumber(scope: number, key: number): number {
  return mixNumber(scope === 0 ? fnvBasis : mixNumber(fnvBasis, scope), key);
}

/** The order in which a table is walked: bit-reversed, so that each bucket is one range of it. */
export function reversed(hash: number): number {
  let bits = hash;
  bits = ((bits >>> 1) & 0x55555555) | ((bits & 0x55555555) << 1);
  bits = ((bits >>> 2) & 0x33333333) | ((bits & 0x33333333) << 2);
  bits = ((bits >>> 4) & 0x0f0f0f0f) | ((bits & 0x0f0f0f0f) << 4);
  bits = ((bits >>> 8) & 0x00ff00ff) | ((bits & 0x00ff00ff) << 8);
  return ((bits >>> 16) | (bits << 16)) >>> 0;
}
