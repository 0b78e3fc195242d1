// Elements, and the few shapes that the panels are made of. Texts only, never markup.

import { count, text } from "./format.js";

/** `make("td", { class: "number" }, "12", element)` */
export function make(name, attributes = {}, ...content) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value);
  }
  element.append(...content.filter((one) => one !== null));
  return element;
}

export const byId = (id) => document.getElementById(id);

/** Replaces what is in `element`, and gives the focus back to what had it there. */
export function fill(element, ...content) {
  const focused = element.contains(document.activeElement) && document.activeElement.dataset.focus;
  const opened = [...element.querySelectorAll("details")].map((one) => one.open);
  element.replaceChildren(...content);
  element.querySelectorAll("details").forEach((one, index) => (one.open = opened[index] ?? false));
  if (focused) element.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
}

/** A bar of `share` (0 to 1) of the width; styles are set from here, as the page allows none inline. */
export function bar(parts, target = null) {
  const element = make("div", { class: "bar", "aria-hidden": "true" });
  for (const [share, kind] of parts) {
    const part = make("i", { class: kind });
    part.style.width = `${Math.min(Math.max(share, 0), 1) * 100}%`;
    element.append(part);
  }
  if (target !== null) {
    const line = make("b");
    line.style.left = `${Math.min(target, 1) * 100}%`;
    element.append(line);
  }
  return element;
}

/** A table of bars: `rows` of `{ name, value, shown?, kind? }`; `heads`: what its columns hold. */
export function bars(rows, heads, write = count) {
  if (!rows.length) return make("p", { class: "empty" }, text("nothing"));
  const most = Math.max(...rows.map((row) => row.value ?? 0), 1);
  const head = make(
    "thead",
    { class: "unseen" },
    make("tr", {}, ...heads.map((one) => make("th", { scope: "col" }, one)), make("td")),
  );
  const body = rows.map((row) =>
    make(
      "tr",
      {},
      make("th", { scope: "row" }, row.name),
      make("td", { class: "number" }, row.value === null ? hidden() : row.shown ?? write(row.value)),
      make("td", { "aria-hidden": "true" }, bar([[(row.value ?? 0) / most, row.kind ?? ""]])),
    ),
  );
  return make("table", { class: "bars" }, head, make("tbody", {}, ...body));
}

/** What open data leave out, in words for who does not see the dot. */
export function hidden() {
  return make("span", { title: text("hidden") }, make("span", { "aria-hidden": "true" }, count(null)), make("span", { class: "unseen" }, text("hidden")));
}

export function more(summary, content) {
  return make("details", { class: "more" }, make("summary", {}, summary), content);
}
