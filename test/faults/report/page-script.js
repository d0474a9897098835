// page-script.js — what the page does when it is looked at: zoom and shift the time shown, tell facts about what is
// pointed at, and lead from a finding to its place. It draws nothing but the axis: a view box chooses the time.
const line = document.getElementById("line");
const axis = line.querySelector(".axis");
const cursor = line.querySelector(".cursor");
const told = document.getElementById("told");
const rows = [...line.querySelectorAll(".row")];
const pictures = rows.map((row) => row.querySelector("svg"));
const heights = pictures.map((picture) => picture.getAttribute("viewBox").split(" ")[3]);
const facts = JSON.parse(document.getElementById("facts").textContent);
const length = Number(line.dataset.length);
const shortestMs = 20;
const toldMax = 6;
let shown = { from: 0, ms: length };

function show(from, ms) {
  const wide = Math.min(length, Math.max(shortestMs, ms));
  shown = { from: Math.min(length - wide, Math.max(0, from)), ms: wide };
  line.style.setProperty("--t0", String(shown.from));
  line.style.setProperty("--dt", String(shown.ms));
  for (const [at, picture] of pictures.entries())
    picture.setAttribute("viewBox", `${shown.from} 0 ${shown.ms} ${heights[at]}`);
  drawAxis();
}

function drawAxis() {
  const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 15e3, 3e4, 6e4, 12e4, 3e5];
  const wished = (shown.ms / Math.max(1, axis.clientWidth)) * 90;
  const step = steps.find((each) => each >= wished) ?? 6e5;
  const ticks = [];
  for (let at = Math.ceil(shown.from / step) * step; at <= shown.from + shown.ms; at += step) {
    const tick = document.createElement("i");
    tick.textContent = placeText(at, step);
    tick.style.left = `${((at - shown.from) / shown.ms) * 100}%`;
    ticks.push(tick);
  }
  axis.replaceChildren(...ticks);
}

function placeText(ms, step) {
  const digits = step >= 1e3 ? 0 : step >= 100 ? 1 : 3;
  const seconds = ((ms % 6e4) / 1e3).toFixed(digits);
  return `${Math.floor(ms / 6e4)}:${seconds.padStart(digits === 0 ? 2 : digits + 3, "0")}`;
}

function timeAt(clientX) {
  const box = axis.getBoundingClientRect();
  return shown.from + ((clientX - box.left) / box.width) * shown.ms;
}

/** The shortest first: a single call before its bin. */
function factsAt(row, ms) {
  const reach = (shown.ms / axis.clientWidth) * 4;
  return facts[Number(row.dataset.lane)]
    .filter(([from, to]) => from - reach <= ms && ms <= to + reach)
    .sort((one, other) => one[1] - one[0] - (other[1] - other[0]));
}

function tell(event) {
  const row = event.target.closest(".row");
  const box = axis.getBoundingClientRect();
  const isOutside = event.clientX < box.left || event.clientX > box.right;
  cursor.hidden = isOutside;
  cursor.style.left = `${event.clientX - box.left}px`;
  told.hidden = row === null || isOutside;
  if (told.hidden) return;
  const ms = timeAt(event.clientX);
  const found = factsAt(row, ms);
  const more = found.length > toldMax ? [`and ${found.length - toldMax} more`] : [];
  const texts = found.slice(0, toldMax).map(([, , text]) => text);
  told.textContent = [`${placeText(ms, 1)}  ${row.dataset.name}`, ...texts, ...more].join("\n");
  const width = told.offsetWidth;
  const height = told.offsetHeight;
  const isLow = event.clientY + height + 24 > innerHeight;
  told.style.left = `${Math.min(event.clientX + 14, innerWidth - width - 12)}px`;
  told.style.top = `${isLow ? event.clientY - height - 12 : event.clientY + 16}px`;
}

function zoom(how) {
  const middle = shown.from + shown.ms / 2;
  if (how === "whole") show(0, length);
  if (how === "in") show(middle - shown.ms / 4, shown.ms / 2);
  if (how === "out") show(middle - shown.ms, shown.ms * 2);
  if (how === "back") show(shown.from - shown.ms / 2, shown.ms);
  if (how === "on") show(shown.from + shown.ms / 2, shown.ms);
}

function pick(event) {
  const box = axis.getBoundingClientRect();
  if (event.button !== 0 || event.clientX < box.left || event.target.closest("button")) return;
  event.preventDefault();
  const picked = document.createElement("span");
  picked.className = "picked";
  cursor.parentElement.append(picked);
  const spread = (move) => {
    picked.style.left = `${Math.min(event.clientX, move.clientX) - box.left}px`;
    picked.style.width = `${Math.abs(move.clientX - event.clientX)}px`;
  };
  const done = (up) => {
    removeEventListener("pointermove", spread);
    picked.remove();
    const [from, to] = [timeAt(event.clientX), timeAt(up.clientX)].sort(
      (one, other) => one - other,
    );
    if (Math.abs(up.clientX - event.clientX) > 5) show(from, to - from);
  };
  addEventListener("pointermove", spread);
  addEventListener("pointerup", done, { once: true });
}

function lead(link) {
  const at = Number(link.dataset.at);
  const ms = Math.min(length, 20_000);
  show(at - ms / 2, ms);
  const row = rows.find(({ dataset }) => dataset.name === link.dataset.where) ?? rows[0];
  for (const each of rows) each.classList.toggle("told", each === row);
  row.scrollIntoView({ block: "center" });
}

line.addEventListener("pointermove", tell);
line.addEventListener("pointerleave", () => {
  cursor.hidden = true;
  told.hidden = true;
});
line.addEventListener("pointerdown", pick);
line.addEventListener("dblclick", () => zoom("whole"));
for (const button of line.querySelectorAll("button"))
  button.addEventListener("click", () => zoom(button.dataset.zoom));
for (const link of document.querySelectorAll("a[data-at]"))
  link.addEventListener("click", (event) => {
    event.preventDefault();
    lead(link);
  });
addEventListener("keydown", ({ key }) => {
  const keys = { "+": "in", "-": "out", ArrowLeft: "back", ArrowRight: "on", Escape: "whole" };
  if (Object.hasOwn(keys, key)) zoom(keys[key]);
});
addEventListener("resize", drawAxis);
drawAxis();
