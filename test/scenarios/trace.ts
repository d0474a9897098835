// trace.ts — what a block of a story tells: facts of nodes and messages between them, in the order in which
// they came about. Facts of one node that follow each other share a line. It decides nothing.

interface Line {
  /** A node, or a link: `n1>n2`. */
  readonly who: string;
  readonly facts: string[];
  /** Facts of the same node that follow join it. */
  readonly isOpen: boolean;
}

const lineCharsMax = 110;

export class Trace {
  #lines: Line[] = [];
  isTold = true;

  /** What came about at a node. */
  say(node: string, facts: readonly string[]): void {
    if (!this.isTold || facts.length === 0) return;
    const last = this.#lines.at(-1);
    if (last?.who === node && last.isOpen) last.facts.push(...facts);
    else this.#lines.push({ who: node, facts: [...facts], isOpen: true });
  }

  /** A line of its own: a message, or what the story wants to see. */
  show(who: string, facts: readonly string[]): void {
    if (this.isTold) this.#lines.push({ who, facts: [...facts], isOpen: false });
  }

  /** All that was told since the last time, in columns. */
  take(): readonly string[] {
    const lines = this.#lines;
    this.#lines = [];
    const column = Math.max(...lines.map(({ who }) => who.length)) + 2;
    if (lines.length === 0) return ["nothing"];
    return lines.flatMap(({ facts, who }) => folded(who.padEnd(column), facts));
  }
}

/** What does not fit goes on below, in the same column. */
function folded(start: string, facts: readonly string[]): readonly string[] {
  const lines: string[] = [];
  let line = start;
  for (const [place, fact] of facts.entries()) {
    const text = place === facts.length - 1 ? fact : `${fact},`;
    const isFull = line.trim() !== "" && line.length + text.length + 1 > lineCharsMax;
    if (isFull && line !== start) {
      lines.push(line.trimEnd());
      line = " ".repeat(start.length);
    }
    const isFirst = line === start || line.trim() === "";
    line += isFirst ? text : ` ${text}`;
  }
  return [...lines, line];
}
