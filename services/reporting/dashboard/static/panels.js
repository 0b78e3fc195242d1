// The overview, panel by panel.

import { bar, bars, byId, fill, hidden, make, more } from "./dom.js";
import { count, day, days, daysBefore, inDays, ofDays, ofOld, ofRatio, period, share, text, today, within } from "./format.js";
import { figure } from "./links.js";
import { draw } from "./trend.js";

const TOPICS = 18;
const MONTH = { month: "short", year: "numeric" };
const SHORT = { day: "numeric", month: "short", year: "numeric" };

// of requests, by what the panels are called
const KINDS = { training: "permintaan_bimtek", information: "permintaan_informasi" };
// what is open is open, whenever it was submitted
const EVER = { from: "", to: "" };
const ofToday = () => ({ from: today(), to: today() });
const since = (from, to) => ({ from: to || to === 0 ? daysBefore(today(), to) : "", to: daysBefore(today(), from) });

export function show(overview) {
  headline(overview);
  cards(overview);
  speed(overview);
  ageing(overview);
  vulnerable(overview);
  trend(overview);
  topics(overview.topics);
  fill(
    byId("sdgs"),
    bars(
      overview.sdgs
        .filter((row) => row.sdgs_goal !== null)
        .map((row) => ({
          name: `${row.sdgs_goal} · ${row.sdgs_goal_name}`,
          value: row.submitted,
          shown: figure(count(row.submitted), row.submitted, "submitted", { sdgs_goal: row.sdgs_goal }),
        })),
      [text("sdgs"), text("submitted")],
    ),
  );
  for (const kind of ["training", "information"]) demand(kind, overview.demand[kind]);
}

function deadline(overview) {
  return overview.targets?.answer_days ?? null;
}

// what has waited longest: the last age, which has no end
function waitingLong(backlog) {
  const age = backlog?.ages.at(-1);
  return age?.open ? { old: age.open, days: age.from_days } : null;
}

function headline(overview) {
  const { totals, backlog } = overview;
  const figures = [];
  // by its place: which comes first is the language's
  const bold = (shown) => `\u0001${figures.push(shown) - 1}\u0002`;
  const oldest = backlog?.oldest_days;
  const long = waitingLong(backlog);
  let said = text("headline", {
    submitted: bold(figure(count(totals.submitted), totals.submitted, "submitted")),
    first: day(overview.first, overview.open_data ? MONTH : SHORT),
    last: day(overview.last, overview.open_data ? MONTH : SHORT),
    open: bold(backlog ? figure(count(backlog.open), backlog.open, "backlog", EVER) : count(totals.backlog)),
    old: long ? text("headline_old", { ...long, old: bold(figure(count(long.old), long.old, "backlog", since(long.days))) }) : "",
    oldest: oldest === null || oldest === undefined ? "" : text("headline_oldest", { days: bold(count(oldest)) }),
  });
  if (totals.answer_p50_s !== null && totals.sla_met_ratio !== null) {
    said += text("headline_speed", {
      p50: bold(days(totals.answer_p50_s)),
      ratio: bold(share(totals.sla_met_ratio)),
      deadline: deadline(overview) ? text("headline_deadline", { days: deadline(overview) }) : "",
    });
  }
  const parts = said.split(/[\u0001\u0002]/).map((part, index) => (index % 2 ? make("b", {}, figures[part]) : part));
  fill(byId("headline"), ...parts);
}

// `said`: what the verdict is, in words
function card({ title, value, unit, note, verdict = "", said = verdict && text(verdict) }) {
  return make(
    "li",
    { class: `card ${verdict}` },
    make("h2", {}, title),
    make("p", { class: "value" }, value, unit ? make("small", {}, ` ${unit}`) : null),
    make("p", { class: "note" }, verdict ? make("span", { class: "verdict" }, said) : null, verdict && note ? " · " : null, note),
  );
}

// what is old is said as loud as what is good
function waiting({ totals, backlog }) {
  const title = text("backlog");
  if (!backlog) {
    const note = totals.backlog === null || !totals.submitted ? "" : text("backlog_share", { share: share(totals.backlog / totals.submitted) });
    return card({ title, value: count(totals.backlog), note });
  }
  const long = waitingLong(backlog);
  const verdict = ofOld(long?.old ?? 0, backlog.open);
  return card({
    title,
    value: figure(count(backlog.open), backlog.open, "backlog", EVER),
    verdict,
    said: long ? figure(text("backlog_old", { ...long, old: count(long.old) }), long.old, "backlog", since(long.days)) : undefined,
    note: backlog.oldest_days === null ? text("backlog_none") : text("backlog_note", { days: count(backlog.oldest_days) }),
  });
}

function cards(overview) {
  const { totals, today, backlog } = overview;
  const rate = totals.submitted ? (totals.vulnerable === null ? null : totals.vulnerable / totals.submitted) : null;
  fill(
    byId("cards"),
    today
      ? card({ title: text("today"), value: figure(count(today.submitted), today.submitted, "submitted", ofToday()), note: figure(text("today_note", { answered: count(today.answered) }), today.answered, "answered", ofToday()) })
      : card({ title: text("submitted"), value: count(totals.submitted), note: `${day(overview.first, MONTH)} – ${day(overview.last, MONTH)}` }),
    waiting(overview),
    card({
      title: text("sla"),
      value: figure(share(totals.sla_met_ratio), totals.sla_met_ratio, "sla_met"),
      verdict: ofRatio(totals.sla_met_ratio),
      note: figure(text("sla_note", { overdue: count(totals.overdue) }), totals.overdue, "overdue"),
    }),
    card({
      title: text("p50"),
      value: figure(days(totals.answer_p50_s), totals.answered, "first_answer_office"),
      unit: text("days"),
      verdict: ofDays(inDays(totals.answer_p50_s), deadline(overview)),
      note: totals.answer_p90_s === null ? "" : text("p90_note", { p90: days(totals.answer_p90_s) }),
    }),
    card({
      title: text("vulnerable"),
      value: share(rate),
      note: figure(text("vulnerable_note", { count: count(totals.vulnerable) }), totals.vulnerable, "vulnerable"),
    }),
  );
}

function speed(overview) {
  const of = (value) => overview.vulnerable.find((row) => row.is_vulnerable === value);
  const rows = [
    [text("everybody"), overview.totals, {}],
    [text("vulnerable"), of(true), { vulnerable: "true" }],
    [text("not_vulnerable"), of(false), { vulnerable: "false" }],
  ].filter(([, row]) => row && row.answer_p50_s !== null);
  const due = deadline(overview);
  const longest = Math.max(...rows.map(([, row]) => inDays(row.answer_p90_s)), due ?? 0) * 1.05 || 1;
  byId("speed-note").textContent = due ? text("speed_note", { days: due }) : text("speed_note_plain");
  if (!rows.length) return fill(byId("speed"), make("p", { class: "empty" }, text("nothing")));
  const head = ["group", "p50_short", "p90_short"].map((name, index) =>
    make("th", { scope: "col", class: index ? "number" : "" }, text(name)),
  );
  const opening = (seconds, row, where) => figure(days(seconds), row.answered, "first_answer_office", where);
  const body = rows.flatMap(([name, row, where]) => [
    make(
      "tr",
      {},
      make("th", { scope: "row" }, name),
      make("td", { class: "number" }, opening(row.answer_p50_s, row, where)),
      make("td", { class: "number" }, opening(row.answer_p90_s, row, where)),
    ),
    make(
      "tr",
      { "aria-hidden": "true" },
      make(
        "td",
        { colspan: 3 },
        bar(
          [
            [inDays(row.answer_p90_s) / longest, "light"],
            [inDays(row.answer_p50_s) / longest, ""],
          ],
          due === null ? null : due / longest,
        ),
      ),
    ),
  ]);
  return fill(byId("speed"), make("table", { class: "bars" }, make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...body)));
}

function ageing({ backlog }) {
  byId("ageing-panel").hidden = backlog === null;
  if (backlog === null) return;
  const kinds = ["", "", "", "amber", "red"];
  const rows = backlog.ages.map((age, index) => ({
    name: age.to_days === null ? text("age_over", { from: age.from_days }) : text("age_range", { from: age.from_days, to: age.to_days }),
    value: age.open,
    shown: figure(count(age.open), age.open, "backlog", since(age.from_days, age.to_days)),
    kind: kinds[index],
  }));
  fill(byId("ageing"), bars(rows, [text("ageing"), text("count")]));
}

function vulnerable(overview) {
  const said = (value) => (value === null ? "none" : String(value));
  const kinds = [
    [true, "yes", "vulnerable"],
    [false, "no", "not_vulnerable"],
    [null, "unsaid", "not_said"],
  ];
  const rows = kinds.map(([value, kind, name]) => [kind, text(name), overview.vulnerable.find((row) => row.is_vulnerable === value), said(value)]);
  const total = rows.reduce((sum, [, , row]) => sum + (row?.submitted ?? 0), 0);
  if (!total) return fill(byId("share"), make("p", { class: "empty" }, text("nothing")));
  const stack = make("div", { class: "stack", "aria-hidden": "true" });
  for (const [kind, , row] of rows) {
    if (!row?.submitted) continue;
    const part = make("i", { class: kind });
    part.style.flex = `${row.submitted} 0 0`;
    stack.append(part);
  }
  const body = rows.map(([kind, name, row, value]) =>
    make(
      "tr",
      {},
      make("th", { scope: "row" }, make("span", { class: `swatch ${kind}`, "aria-hidden": "true" }), name),
      make("td", { class: "number" }, row && row.submitted === null ? hidden() : figure(count(row?.submitted ?? 0), row?.submitted, "submitted", { vulnerable: value })),
      make("td", { class: "number" }, row?.submitted === null ? "" : share((row?.submitted ?? 0) / total)),
    ),
  );
  return fill(byId("share"), stack, make("table", { class: "bars" }, make("tbody", {}, ...body)));
}

function trend({ trend: course, first, last }) {
  byId("trend-note").textContent = text(`trend_${course.by}`);
  draw(byId("trend"), course);
  const rows = [...course.rows].reverse().map((row) =>
    make(
      "tr",
      {},
      make("th", { scope: "row" }, period(row.first, course.by)),
      ...["submitted", "answered", "closed"].map((name) => make("td", { class: "number" }, row[name] === null ? hidden() : figure(count(row[name]), row[name], name, within(row.first, course.by, first, last)))),
    ),
  );
  fill(byId("trend-table").tBodies[0], ...rows);
}

function topics(rows) {
  const heads = [text("topics"), text("submitted")];
  const list = rows.map((row) => ({
    name: row.topic_name,
    value: row.submitted,
    shown: figure(count(row.submitted), row.submitted, "submitted", { topic: row.topic }),
  }));
  const rest = list.length > TOPICS ? more(text("all_topics", { count: list.length }), bars(list.slice(TOPICS), heads)) : null;
  fill(byId("topics"), bars(list.slice(0, TOPICS), heads), ...(rest ? [rest] : []));
}

function demand(kind, { kecamatan, topics }) {
  const total = kecamatan.reduce((sum, row) => sum + row.count, 0);
  byId(`${kind}-note`).textContent = total ? count(total) : "";
  if (!total) return fill(byId(kind), make("p", { class: "empty" }, text("nothing")));
  const part = (title, rows, key) =>
    make(
      "div",
      {},
      make("h3", {}, title),
      bars(
        rows.slice(0, 6).map((row) => ({
          name: row[`${key}_name`],
          value: row.count,
          shown: figure(count(row.count), row.count, "submitted", { kind: KINDS[kind], [key]: row[key] }),
        })),
        [title, text("count")],
      ),
    );
  return fill(
    byId(kind),
    part(text("where"), kecamatan, "kecamatan"),
    ...(topics.length ? [part(text("by_topic"), topics, "topic")] : []),
  );
}
