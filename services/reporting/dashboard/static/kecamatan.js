// Places side by side: the schematic map, and the tables of kecamatan and desa.

import { byId, fill, hidden, make } from "./dom.js";
import { count, days, inDays, ofDays, ofOld, ofRatio, share, text } from "./format.js";
import { figure } from "./links.js";

const SHADES = 5;
const RATIO = "sla_met_ratio";
const TEXTS = { backlog: "backlog", submitted: "submitted", overdue: "overdue", sla_met_ratio: "sla", answer_p50_s: "p50" };

const orHidden = (value, shown) => (value === null && shown === count(null) ? hidden() : shown);

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
    // what is seen is the beginning of the link's name: it can be called by it
    const what = text(TEXTS[measure]).toLowerCase();
    const shown = row ? [orHidden(value, write(measure, value)), make("span", { class: "unseen" }, ` ${what}`)] : [];
    tile.querySelector(".tile-value").replaceChildren(...shown);
    tile.title = row ? `${row.kecamatan_name}: ${write(measure, value)} ${what}` : "";
    const target = href(code === chosen ? "" : code);
    if (target) tile.href = target;
    else tile.removeAttribute("href");
    if (code === chosen) tile.setAttribute("aria-current", "true");
    else tile.removeAttribute("aria-current");
  }
}

/** `of`: `kecamatan` or `desa`; `href`: of a kecamatan, where it can be chosen. */
export function table(overview, of, sort, chosen, href) {
  const deadline = overview.targets?.answer_days ?? null;
  const long = overview.backlog?.ages.at(-1);
  const element = byId(`${of}-table`);
  for (const head of element.tHead.rows[0].cells) {
    const name = head.querySelector("button").dataset.sort;
    if (name === sort.by) head.setAttribute("aria-sort", sort.down ? "descending" : "ascending");
    else head.removeAttribute("aria-sort");
  }
  const by = sort.by === "name" ? `${of}_name` : sort.by;
  const rows = [...overview[of]].sort((one, other) => compared(one[by], other[by]) * (sort.down ? -1 : 1));
  const isOfKecamatan = of === "kecamatan";
  const shown = rows.map((row) =>
    line(row, isOfKecamatan ? link(row, chosen, href) : row.desa_name, deadline, long, isOfKecamatan && row.kecamatan === chosen ? "chosen" : null, { [of]: row[of] }),
  );
  const total = isOfKecamatan && chosen ? [] : [line({ ...overview.totals, backlog_old: long?.open ?? null }, text("all"), deadline, long, "total", {})];
  fill(element.tBodies[0], ...shown, ...total);
}

const link = (row, chosen, href) =>
  make("a", { href: href(row.kecamatan === chosen ? "" : row.kecamatan), "data-focus": `row-${row.kecamatan}` }, row.kecamatan_name);

function compared(one, other) {
  if (one === null || other === null) return one === other ? 0 : one === null ? -1 : 1;
  return typeof one === "string" ? one.localeCompare(other) : one - other;
}

function line(row, name, deadline, long, kind, where) {
  const opening = (shown, value, of, more) => figure(shown, value, of, { ...where, ...more });
  const number = (value, shown, verdict = "", said = verdict && text(verdict)) =>
    make(
      "td",
      { class: "number" },
      verdict ? make("span", { class: `mark ${verdict}`, title: said }, make("span", { class: "unseen" }, said)) : null,
      orHidden(value, shown),
    );
  return make(
    "tr",
    { class: kind },
    make("th", { scope: "row" }, name),
    number(row.submitted, opening(count(row.submitted), row.submitted, "submitted")),
    number(row.backlog, opening(count(row.backlog), row.backlog, "backlog", { from: "", to: "" }), ofOld(row.backlog_old, row.backlog), waitingLong(row.backlog_old, long)),
    number(row.overdue, opening(count(row.overdue), row.overdue, "overdue")),
    number(row[RATIO], opening(share(row[RATIO]), row[RATIO], "sla_met"), ofRatio(row[RATIO])),
    number(row.answer_p50_s, opening(days(row.answer_p50_s), row.answered, "first_answer_office"), ofDays(inDays(row.answer_p50_s), deadline)),
    number(row.answer_p90_s, opening(days(row.answer_p90_s), row.answered, "first_answer_office")),
    number(row.vulnerable, opening(count(row.vulnerable), row.vulnerable, "vulnerable")),
  );
}

const waitingLong = (old, long) => (old ? text("backlog_old", { old: count(old), days: long.from_days }) : undefined);
