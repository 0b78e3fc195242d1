// Each figure leads to the list of what it counts, for who may open lists.

import { FILTERS, address, asked, days } from "./address.js";
import { make } from "./dom.js";
import { text } from "./format.js";

const PREFIX = "list-";
const NARROWED = ["from", "to", ...FILTERS, "desa", "topic", "sdgs_goal", "after"];
const ON_A_PAGE = 50;

let allowed = false;

/** Whether figures are links from now on. */
export function allow(may) {
  allowed = may;
}

/** The list that the address asks for: `{ of, where }`; null where it asks for none. */
export function listed() {
  const query = new URLSearchParams(location.search);
  if (!query.get("list")) return null;
  const where = Object.fromEntries(NARROWED.map((name) => [name, query.get(PREFIX + name) ?? ""]));
  return { of: query.get("list"), where };
}

/** The address of a list, which keeps that of the figures to come back to. */
export function toList(of, where) {
  const whole = asked();
  const query = new URLSearchParams(address(whole).split("?")[1]);
  query.set("list", of);
  for (const name of NARROWED) if (where[name]) query.set(PREFIX + name, where[name]);
  return `?${query}`;
}

/** What is asked of the API for a list; all of it for a file, which has no details to ask for. */
export function membersOf({ of, where }, isFile = false) {
  const query = new URLSearchParams({ of });
  for (const name of NARROWED) if (where[name] && !(isFile && name === "after")) query.set(name, where[name]);
  if (!isFile) {
    query.set("details", "true");
    query.set("limit", ON_A_PAGE);
  }
  return query.toString();
}

/** `shown`, as a link to what is counted; alone where nothing is, or where lists are not for the
 *  reader. `where`: in place of what the filters say, "" for all. */
export function figure(shown, value, of, where = {}) {
  if (!allowed || !value) return shown;
  const whole = asked();
  const href = toList(of, { ...whole, ...days(whole), ...where });
  return make("a", { class: "figure", href, "data-focus": href }, shown, make("span", { class: "unseen" }, ` ${text("open_list")}`));
}
