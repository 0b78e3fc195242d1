// The list behind a figure: which consultations it counts, by place, topic and stage.

import { address, asked } from "./address.js";
import { byId, fill, make } from "./dom.js";
import { count, day, days, text } from "./format.js";
import { toList } from "./links.js";

const SHORT = { day: "numeric", month: "short", year: "numeric" };
const TITLE = document.title;

let from = null;

/** The link that leads to a list, to be given the focus again by who comes back. */
export function leave(link) {
  from = link?.dataset?.focus ?? null;
}

/** Shows the list, or the figures where it is null; with the focus on what is new, or was left. */
export function turn(list) {
  const was = !byId("list").hidden;
  byId("figures").hidden = byId("filters-and-place").hidden = Boolean(list);
  byId("list").hidden = !list;
  if (!list) {
    document.title = TITLE;
    if (was) (document.querySelector(`[data-focus="${CSS.escape(from ?? "")}"]`) ?? byId("content")).focus();
    return;
  }
  byId("list-back").href = address(asked());
  const choice = byId("list-of");
  choice.value = list.of;
  const named = choice.selectedIndex === -1 ? list.of : choice.selectedOptions[0].textContent;
  byId("list-title").textContent = text("list_title", { figure: named });
  document.title = `${byId("list-title").textContent} · ${TITLE}`;
  if (was) return;
  refuse("");
  byId("list-title").focus();
}

/** `members`: as the API says; `mayRead`: whether conversations are for the reader. */
export function show(members, list, mayRead) {
  byId("list-where").textContent = narrowed(list.where, members.rows);
  const { before, ids } = members;
  byId("list-count").textContent = members.count
    ? text("list_count", { count: count(members.count), first: count(before + 1), last: count(before + ids.length) })
    : text("list_none");
  byId("list-table").hidden = !ids.length;
  byId("list-table").classList.toggle("of-place", Boolean(list.where.kecamatan));
  byId("list-conversation").hidden = !mayRead;
  fill(byId("list-table").tBodies[0], ...members.rows.map((row) => line(row, mayRead)));
  page("list-previous", before > 0, list, members.previous);
  page("list-next", members.next, list, members.next);
  byId("list-files").hidden = !ids.length;
  byId("list-error").textContent = members.count > 10_000 ? text("list_long") : "";
}

/** Why there is none to be shown. */
export function refuse(why) {
  for (const name of ["list-table", "list-files", "list-previous", "list-next"]) byId(name).hidden = true;
  byId("list-where").textContent = byId("list-count").textContent = "";
  byId("list-error").textContent = why;
}

function page(id, there, list, after) {
  byId(id).hidden = !there;
  byId(id).href = toList(list.of, { ...list.where, after: after ?? "" });
}

// the filters by the names that the page has for them, or that the first row has
function narrowed(where, [row]) {
  const parts = [];
  if (where.from && where.from === where.to) parts.push(day(where.from, SHORT));
  else if (where.from && where.to) parts.push(`${day(where.from, SHORT)} – ${day(where.to, SHORT)}`);
  else if (where.from) parts.push(text("list_since", { day: day(where.from, SHORT) }));
  else if (where.to) parts.push(text("list_until", { day: day(where.to, SHORT) }));
  else parts.push(text("list_ever"));
  for (const name of ["kecamatan", "topic_group", "kind"]) {
    const found = where[name] && byId("filters").elements[name].querySelector(`[value="${CSS.escape(where[name])}"]`);
    if (where[name]) parts.push(found ? found.textContent : where[name]);
  }
  if (where.desa) parts.push(row?.desa_name ?? where.desa);
  if (where.topic) parts.push(row?.topic_name ?? where.topic);
  if (where.sdgs_goal) parts.push(text("list_goal", { goal: where.sdgs_goal }));
  if (where.vulnerable) parts.push(text({ true: "vulnerable", false: "not_vulnerable" }[where.vulnerable] ?? "not_said"));
  return parts.join(" · ");
}

function line(row, mayRead) {
  const place = [row.desa_name, make("small", { class: "whole-place" }, row.kecamatan_name)];
  const late = row.overdue ? [make("span", { class: "late" }, text("overdue"))] : [];
  const date = day(row.day, SHORT);
  const open = make("a", { href: `satgas/${row.id}` }, text("list_open"), make("span", { class: "unseen" }, ` ${row.desa_name}, ${row.topic_name}, ${date}`));
  return make(
    "tr",
    {},
    make("th", { scope: "row" }, date),
    make("td", {}, ...place),
    make("td", {}, row.topic_name, make("small", {}, row.kind_name)),
    make("td", {}, row.satgas_name ?? "–"),
    make("td", {}, text(`stage_${row.stage}`), ...late),
    make("td", {}, took(row)),
    mayRead ? make("td", {}, open) : null,
  );
}

function took(row) {
  if (row.days_open !== null && row.first_answer_office_s === null) return text("list_waiting", { days: count(row.days_open) });
  return row.first_answer_office_s === null ? "–" : text("list_answered", { days: days(row.first_answer_office_s) });
}
