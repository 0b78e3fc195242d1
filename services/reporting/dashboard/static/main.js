// The dashboard: what the address asks for is loaded, shown, and kept up to date.

import { authorization, forget, isIn, leave, open, take, who } from "./access.js";
import { FILTERS, address, asked, days } from "./address.js";
import { byId } from "./dom.js";
import { offer } from "./download.js";
import { count, day, moment, openData, signedIn, text, time } from "./format.js";
import { map, table } from "./kecamatan.js";
import { allow, listed, membersOf, toList } from "./links.js";
import * as members from "./list.js";
import { show } from "./panels.js";
import { listen } from "./stream.js";
import { fit, redraw } from "./trend.js";

const CALM = 1_500; // milliseconds that a change waits for others before the figures are read again
const AGAIN = 5_000;

const state = { overview: null, etag: null, stream: null, touched: new Set(), measure: "backlog", sort: { kecamatan: { by: "name", down: false }, desa: { by: "name", down: false } }, loading: 0, refused: "" };

const filters = byId("filters");
const language = document.documentElement.lang;

// the address

// nothing to filter in open data
const withKecamatan = (code) => (isIn() ? address({ ...asked(), kecamatan: code }) : null);

function fillForm() {
  const values = asked();
  for (const name of ["period", "from", "to", ...FILTERS]) {
    const field = filters.elements[name];
    field.value = values[name] || (name === "period" ? "90d" : "");
    if (field.selectedIndex === -1) field.selectedIndex = 0;
  }
  const isCustom = filters.elements.period.value === "custom";
  for (const field of filters.querySelectorAll(".custom")) field.hidden = !isCustom;
  const named = ["period", ...FILTERS].map((name) => filters.elements[name]).filter((field) => field.value);
  const said = named.map((field) => field.selectedOptions[0].textContent).join(" · ");
  byId("fold-now").textContent = said;
  byId("printed").textContent = isIn() ? `${text("filters")}: ${said}` : "";
  byId("clear").hidden = !["period", ...FILTERS].some((name) => values[name]);
  byId("clear").href = address({ lang: values.lang });
  const other = language === "en" ? "id" : "en";
  byId("language").href = address({ ...values, lang: other });
}

function goTo(url) {
  if (!listed()) members.leave(document.activeElement);
  history.pushState(null, "", url);
  state.refused = "";
  fillForm();
  load();
}

// the figures

async function load() {
  const number = ++state.loading;
  const mine = () => number === state.loading;
  // what a list is for is said with the figures: those first
  const list = isIn() && state.overview ? listed() : null;
  members.turn(isIn() ? listed() : null);
  document.documentElement.classList.add("busy");
  const wasIn = isIn();
  const over = who() ? "session_over" : "key_refused";
  try {
    let reply = await asking(list);
    // the session may be there still when what it gave is over
    if (reply.status === 401 && who()) reply = await asking(list, true);
    if (!mine()) return;
    if (reply.status === 403 && (await refused(reply, list))) return;
    if (reply.status === 401 || reply.status === 403 || wasIn !== isIn()) {
      close(text(reply.status === 403 ? "key_forbidden" : over));
      return;
    }
    if (reply.status === 422) {
      say(text("refused"), "waiting");
      return;
    }
    if (reply.status === 404 && !isIn()) {
      say(text("no_open"));
      return;
    }
    if (!reply.ok) throw new Error(`overview: ${reply.status}`);
    const found = await reply.json();
    if (!mine()) return;
    if (list) {
      members.show(found, list, state.overview.conversations);
      return;
    }
    state.overview = found;
    render();
    if (isIn() && listed()) load();
    if (isIn() && !state.stream) follow(found.position);
  } catch {
    if (!mine()) return;
    say(text("failed"), "waiting");
    setTimeout(() => mine() && load(), AGAIN);
  } finally {
    if (mine()) document.documentElement.classList.remove("busy");
  }
}

// what was asked for by name, and is not for this key: the rest of its page is
async function refused(reply, list) {
  const { detail } = await reply.json();
  const values = asked();
  if (list) {
    members.refuse(detail);
  } else if (values.kecamatan || values.kind) {
    state.refused = detail;
    history.replaceState(null, "", address({ ...values, kecamatan: "", kind: "" }));
    fillForm();
    load();
  }
  return Boolean(list || values.kecamatan || values.kind);
}

function wanted(list) {
  if (!isIn()) return "v1/open/overview";
  if (list) return `v1/reports/members?${membersOf(list)}`;
  return `v1/reports/overview?${ofFilters()}`;
}

function ofFilters() {
  const values = asked();
  const query = new URLSearchParams();
  const range = days(values);
  for (const name of ["from", "to"]) if (range[name]) query.set(name, range[name]);
  for (const name of FILTERS) if (values[name]) query.set(name, values[name]);
  return query;
}

async function asking(list, anew = false) {
  const given = await headers(anew);
  return fetch(wanted(list), { headers: given, cache: "no-cache" });
}

async function headers(anew = false) {
  const given = await authorization(anew);
  return { "Accept-Language": language, ...(given && { Authorization: given }) };
}

function render() {
  const { overview } = state;
  const chosen = isIn() ? asked().kecamatan : "";
  allow(overview.lists);
  place(overview);
  show(overview);
  map(overview, state.measure, chosen, withKecamatan, state.touched);
  table(overview, "kecamatan", state.sort.kecamatan, chosen, withKecamatan);
  if (overview.desa) table(overview, "desa", state.sort.desa);
  state.touched.clear();
  document.body.classList.add("shown");
  notice(overview);
  let said = text("updated", { time: time(overview.as_of) });
  if (overview.lag_seconds > 10) said += text("lagging", { seconds: count(Math.round(overview.lag_seconds)) });
  if (overview.open_data) say(moment(overview.as_of));
  else say(`${said} · ${text("live_on")}`, "live");
}

// the kecamatan of who sees no other: there is nothing to choose, and nothing to compare it with
function place({ territory, desa, kecamatan, open_data: isOpen }) {
  for (const element of document.querySelectorAll(".of-all")) element.hidden = Boolean(territory);
  document.body.classList.toggle("of-one", Boolean(territory));
  const complaints = filters.elements.kind.querySelector('[value="pengaduan"]');
  complaints.hidden = complaints.disabled = Boolean(territory);
  byId("place").hidden = !territory;
  if (territory) byId("place").textContent = text("of_kecamatan", { name: kecamatan[0].kecamatan_name });
  byId("desa-panel").hidden = byId("download-desa").hidden = !desa;
  byId("download").hidden = isOpen;
}

function notice(overview) {
  const element = byId("notice");
  element.hidden = !overview.open_data && !state.refused;
  element.textContent = state.refused;
  if (!overview.open_data) return;
  const month = { month: "long", year: "numeric" };
  const about = text("open_notice", { first: day(overview.first, month), last: day(overview.last, month), as_of: moment(overview.as_of) });
  const said = [askedFor(), about, overview.totals.submitted === 0 ? text("open_empty") : ""];
  element.textContent = said.filter(Boolean).join(" ");
}

// what a link asks for that opens with a key alone: who has none is told so
function askedFor() {
  const values = asked();
  if (!["period", ...FILTERS].some((name) => values[name])) return "";
  const { from, to } = days(values);
  const named = FILTERS.map((name) => filters.elements[name]).filter((field) => field.value);
  const parts = named.map((field) => field.selectedOptions[0].textContent);
  if (from && to) parts.push(`${day(from)} – ${day(to)}`);
  return text("open_asked", { asked: parts.join(" · ") });
}

function say(what, how = "") {
  const element = byId("status");
  element.className = `status ${how}`;
  byId("status-text").textContent = what;
}

// what changes

let calm = null;

function follow(position) {
  state.stream = listen({
    url: "v1/reports/stream",
    authorization,
    over: load,
    position,
    tell(event, data) {
      if (event === "ready") return;
      for (const row of data.rows ?? []) state.touched.add(row.kecamatan);
      calm ??= setTimeout(() => {
        calm = null;
        load();
      }, CALM * (0.7 + Math.random() * 0.6));
    },
    state(isConnected) {
      if (!isConnected) say(text("live_wait"), "waiting");
      else if (state.overview) render();
    },
  });
}

function pause() {
  state.stream?.stop();
  state.stream = null;
}

// who is in

function close(why = "") {
  pause();
  forget();
  arrange();
  byId("login-error").textContent = why;
  showOpen();
}

function showOpen() {
  if (openData) load();
  else say(text("no_open"));
}

function arrange() {
  byId("login").hidden = isIn();
  byId("logout").hidden = !isIn() && !who();
  byId("fold").hidden = byId("map-choose").hidden = !isIn();
  byId("who").textContent = who() ? text("signed_in_as", { name: who() }) : "";
  byId("login-error").textContent = who() && !isIn() ? text("no_reports") : "";
  fillForm();
}

function keyFromAddress() {
  const given = new URLSearchParams(location.hash.slice(1)).get("key");
  // out of the address at once: it is seen, copied and kept in the history
  if (given) history.replaceState(null, "", location.pathname + location.search);
  return given;
}

// what people do

byId("login").addEventListener("submit", (event) => {
  event.preventDefault();
  const field = byId("key");
  const key = field.value.trim();
  field.value = "";
  if (!key) return;
  take(key);
  arrange();
  load();
});
byId("logout").addEventListener("click", () => {
  pause();
  if (!leave()) close();
});
byId("print").addEventListener("click", () => print());
byId("measure").addEventListener("change", (event) => {
  state.measure = event.target.value;
  if (state.overview) render();
});
filters.addEventListener("change", () => {
  const values = Object.fromEntries(new FormData(filters));
  const before = asked();
  if (values.period !== "custom") values.from = values.to = "";
  else if (before.period !== "custom") Object.assign(values, days(before));
  if (values.period === "90d") values.period = "";
  goTo(address({ ...values, lang: before.lang }));
});
filters.addEventListener("submit", (event) => event.preventDefault());
for (const of of ["kecamatan", "desa"]) {
  byId(`${of}-table`).tHead.addEventListener("click", (event) => {
    const by = event.target.closest("button")?.dataset.sort;
    if (!by || !state.overview) return;
    const before = state.sort[of];
    state.sort[of] = { by, down: before.by === by ? !before.down : by !== "name" };
    render();
  });
}
byId("list-of").addEventListener("change", (event) => goTo(toList(event.target.value, { ...listed().where, after: "" })));
offer("list", "v1/reports/members", () => membersOf(listed(), true), headers);
offer("download", "v1/reports/consultations", ofTable, headers);

function ofTable() {
  const query = ofFilters();
  const by = byId("download-what").value;
  query.set("group_by", by === "trend" ? state.overview.trend.by : by);
  query.set("totals", "true");
  query.set("limit", 10_000);
  return query;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a.tile[href], #kecamatan-table a[href], a.figure, #list-back, #list nav a, #clear");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  goTo(link.getAttribute("href"));
});
addEventListener("popstate", () => {
  fillForm();
  load();
});
document.addEventListener("visibilitychange", () => {
  if (!isIn()) return;
  if (document.hidden) pause();
  else if (!state.stream) load();
});
const dark = matchMedia("(prefers-color-scheme: dark)");
dark.addEventListener("change", () => redraw(byId("trend")));
// paper is white, and the chart was drawn for the screen
for (const [event, isPaper] of [["beforeprint", true], ["afterprint", false]]) {
  addEventListener(event, () => {
    document.documentElement.classList.toggle("paper", isPaper);
    if (dark.matches) redraw(byId("trend"));
  });
}
new ResizeObserver(() => fit(byId("trend"))).observe(byId("trend"));

if (matchMedia("(max-width: 640px)").matches) byId("fold").open = false;
// intake may be away: then there is what everybody sees
await open(keyFromAddress(), signedIn).catch(() => {});
arrange();
if (isIn()) load();
else showOpen();
