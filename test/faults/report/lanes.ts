// lanes.ts — a lane of the time line: its name on the left, marks in an SVG whose view box is the time shown, words that
// lie at their time, and facts that the page's script shows to who points at them.
import { html, Markup } from "./markup.ts";
import { type MsSpan, tenth } from "./scale.ts";

export interface Lane {
  readonly name: string;
  /** What the name does not say. */
  readonly title?: string;
  readonly heightPx: number;
  readonly marks: readonly Markup[];
  readonly tags?: readonly Tag[];
  readonly facts: readonly Fact[];
  /** What stands on the left instead of the name alone. */
  readonly legend?: Markup;
  /** Faults shade it. */
  readonly isShaded?: boolean;
}

/** A word at its time; it ends where its span ends. */
export interface Tag extends MsSpan {
  readonly text: string;
  readonly topPx: number;
  readonly heightPx: number;
  readonly look?: string;
}

/** What is shown to who points at it. */
export interface Fact extends MsSpan {
  readonly text: string;
}

export interface LaneGroup {
  readonly title: string;
  readonly says: string;
  readonly lanes: readonly Lane[];
}

/** `number`: of the lane on the page; its facts have the same. */
export function laneMarkup(
  lane: Lane,
  place: { readonly number: number; readonly lengthMs: number },
): Markup {
  const { name, title, heightPx, marks, tags = [], legend, isShaded = false } = lane;
  const shade = isShaded ? html`<use href="#shade"/>` : undefined;
  return html`<div class="row" data-lane="${place.number}" data-name="${name}">
<div class="name" title="${title ?? name}">${legend ?? html`<span>${name}</span>`}</div>
<div class="lane" style="height:${heightPx}px"><svg viewBox="0 0 ${place.lengthMs} ${heightPx}" preserveAspectRatio="none" aria-hidden="true">${shade}${marks}</svg>${tags.map(tagMarkup)}</div>
</div>
`;
}

function tagMarkup(tag: Tag): Markup {
  const { fromMs, toMs, topPx, heightPx, text, look = "" } = tag;
  return html`<span class="tag ${look}" style="--from:${fromMs};--to:${toMs};top:${topPx}px;height:${heightPx}px"><b>${text}</b></span>`;
}

/** Filled boxes of one look, one below the other or side by side. */
export function boxes(
  spans: readonly MsSpan[],
  look: { readonly className: string; readonly topPx: number; readonly heightPx: number },
): Markup | undefined {
  if (spans.length === 0) return undefined;
  const { className, topPx, heightPx } = look;
  const path = spans.map(({ fromMs, toMs }) => {
    const width = tenth(toMs - fromMs);
    return `M${fromMs} ${topPx}h${width}v${heightPx}h${-width}z`;
  });
  return html`<path class="${className}" d="${new Markup(path.join(""))}"/>`;
}

/** Lines of a pen whose width does not grow with the zoom: one without a length is a dot. */
export function strokes(
  spans: readonly MsSpan[],
  look: { readonly className: string; readonly yPx: number },
): Markup | undefined {
  if (spans.length === 0) return undefined;
  const path = spans.map(({ fromMs, toMs }) => `M${fromMs} ${look.yPx}h${tenth(toMs - fromMs)}`);
  return html`<path class="stroke ${look.className}" d="${new Markup(path.join(""))}"/>`;
}

/** Lines from top to bottom. */
export function posts(
  times: readonly number[],
  look: { readonly className: string; readonly heightPx: number },
): Markup | undefined {
  if (times.length === 0) return undefined;
  const path = times.map((ms) => `M${ms} 0v${look.heightPx}`).join("");
  return html`<path class="stroke ${look.className}" d="${new Markup(path)}"/>`;
}

/** Row after row, so that nothing in one row overlaps; each item is put into the first row with room. */
export function packed<Item extends MsSpan>(items: readonly Item[]): readonly (readonly Item[])[] {
  const rows: Item[][] = [];
  const ends: number[] = [];
  for (const item of [...items].sort((one, other) => one.fromMs - other.fromMs)) {
    const free = ends.findIndex((end) => end <= item.fromMs);
    const row = free === -1 ? rows.length : free;
    (rows[row] ??= []).push(item);
    ends[row] = item.toMs;
  }
  return rows;
}
