// difference.ts — two texts, line by line: what is only in the first begins with `-`, in the second with `+`.

const contextLines = 3;

export function differenceText(before: string, after: string): string {
  const marked = marks(before.split("\n"), after.split("\n"));
  const isNear = (place: number): boolean =>
    marked
      .slice(Math.max(0, place - contextLines), place + contextLines + 1)
      .some((line) => !line.startsWith(" "));
  return marked.filter((_, place) => isNear(place)).join("\n");
}

/** By the longest common subsequence. */
function marks(before: readonly string[], after: readonly string[]): readonly string[] {
  const lengths = commonLengths(before, after);
  const found: string[] = [];
  let [left, right] = [0, 0];
  while (left < before.length || right < after.length) {
    const [one, other] = [before[left], after[right]];
    if (one !== undefined && one === other) {
      found.push(`  ${one}`);
      [left, right] = [left + 1, right + 1];
      continue;
    }
    const keepsMore = (lengths[left + 1]?.[right] ?? -1) >= (lengths[left]?.[right + 1] ?? -1);
    if (one !== undefined && (keepsMore || other === undefined)) {
      found.push(`- ${one}`);
      left += 1;
    } else {
      found.push(`+ ${other ?? ""}`);
      right += 1;
    }
  }
  return found;
}

/** For each pair of places, how many lines the rests have in common. */
function commonLengths(before: readonly string[], after: readonly string[]): readonly number[][] {
  const lengths = Array.from({ length: before.length + 1 }, () =>
    Array.from({ length: after.length + 1 }, () => 0),
  );
  for (let left = before.length - 1; left >= 0; left--) {
    for (let right = after.length - 1; right >= 0; right--) {
      const [row, below] = [lengths[left], lengths[left + 1]];
      if (row === undefined || below === undefined) continue;
      const isSame = before[left] === after[right];
      row[right] = isSame
        ? (below[right + 1] ?? 0) + 1
        : Math.max(below[right] ?? 0, row[right + 1] ?? 0);
    }
  }
  return lengths;
}
