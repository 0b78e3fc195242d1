// The kecamatan side by side: the schematic map and the table.

import { byId, fill, hidden, make } from "./dom.js";
import { count, days, inDays, ofDays, ofRatio, share, text } from "./format.js";

const SHADES = 5;
const RATIO = "sla_met_ratio";
const TEXTS = { backlog: "backlog", submitted: "submitted", overdue: "overdue", sla_met_ratio: "sla", answer_p50_s: "p50" };

export const write = (name, value) =>
  name === RATIO ? share(value) : name.endsWith("_s") ? days(value) : count(value);

// darker where more attention is due: where less is answered in time, where more waits
const weight = (name, value) => (value === null ? null : name === RATIO ? 1 - value : value);

export function map(overview, measure, chosen, href, touched) {
  const of = new Map(overview.kecamatan.map((row) => [row.kecamatan, row]));
  const weights = overview.kecamatan.map((row) => weight(measure, row[measure])).filter((one) => one !== null);
  const most = Math.max(...weights, 0);
  for (const tile of document.querySelectorAll(".tile")) {
    const code = tile.dataset.code;
    const row = of.get(code);
    const value = row ? row[measure] : null;
    const weighed = row ? weight(measure, value) : null;
    // by the root, or one that stands out leaves the others all alike
    const shade = !weighed || !most ? 0 : Math.min(Math.floor(Math.sqrt(weighed / most) * SHADES), SHADES - 1);
    tile.className = `tile shade-${shade}${touched.has(code) ? " fresh" : ""}`;
    tile.querySelector(".tile-value").textContent = row ? write(measure, value) : "";
    const said = row ? `${row.kecamatan_name}: ${write(measure, value)} ${text(TEXTS[measure]).toLowerCase()}` : "";
    tile.setAttribute("aria-label", said);
    tile.title = said;
    const target = href(code === chosen ? "" : code);
    if (target) tile.href = target;
    else tile.removeAttribute("href");
    if (code === chosen) tile.setAttribute("aria-current", "true");
    else tile.removeAttribute("aria-current");
  }
}

export function table(overview, sort, chosen, href) {
  const target = overview.targets?.answer_days ?? null;
  const element = byId("kecamatan-table");
  for (const head of element.tHead.rows[0].cells) {
    const name = head.querySelector("button").dataset.sort;
    if (name === sort.by) head.setAttribute("aria-sort", sort.down ? "descending" : "ascending");
    else head.removeAttribute("aria-sort");
  }
  const rows = [...overview.kecamatan].sort((one, other) => compared(one[sort.by], other[sort.by]) * (sort.down ? -1 : 1));
  const shown = rows.map((row) =>
    line(row, link(row, chosen, href), target, row.kecamatan === chosen ? "chosen" : null),
  );
  const total = chosen ? [] : [line(overview.totals, text("all"), target, "total")];
  fill(element.tBodies[0], ...shown, ...total);
}

const link = (row, chosen, href) =>
  make("a", { href: href(row.kecamatan === chosen ? "" : row.kecamatan), "data-focus": `row-${row.kecamatan}` }, row.kecamatan_name);

function compared(one, other) {
  if (one === null || other === null) return one === other ? 0 : one === null ? -1 : 1;
  return typeof one === "string" ? one.localeCompare(other) : one - other;
}

function line(row, name, target, kind) {
  const number = (value, shown, verdict = "") =>
    make(
      "td",
      { class: "number" },
      verdict ? make("span", { class: `mark ${verdict}`, title: text(verdict) }, make("span", { class: "unseen" }, text(verdict))) : null,
      value === null && shown === count(null) ? hidden() : shown,
    );
  return make(
    "tr",
    { class: kind },
    make("th", { scope: "row" }, name),
    ...["submitted", "backlog", "overdue"].map((key) => number(row[key], count(row[key]))),
    number(row[RATIO], share(row[RATIO]), ofRatio(row[RATIO])),
    number(row.answer_p50_s, days(row.answer_p50_s), ofDays(inDays(row.answer_p50_s), target)),
    number(row.answer_p90_s, days(row.answer_p90_s)),
    number(row.vulnerable, count(row.vulnerable)),
  );
}
