// What the page is asked for, in its address: the period and the filters.

import { daysBefore, today } from "./format.js";

export const FILTERS = ["kecamatan", "topic_group", "kind", "vulnerable"];
const IN_ADDRESS = ["period", "from", "to", ...FILTERS, "lang"];

export function asked() {
  const query = new URLSearchParams(location.search);
  return Object.fromEntries(IN_ADDRESS.map((name) => [name, query.get(name) ?? ""]));
}

export function address(values) {
  const query = new URLSearchParams();
  for (const name of IN_ADDRESS) if (values[name]) query.set(name, values[name]);
  const text = query.toString();
  return text ? `?${text}` : location.pathname;
}

export function days(values) {
  const to = today();
  switch (values.period) {
    case "30d": return { from: daysBefore(to, 29), to };
    case "year": return { from: `${to.slice(0, 4)}-01-01`, to };
    case "12m": return { from: daysBefore(to, 364), to };
    case "custom": return { from: values.from, to: values.to };
    default: return { from: daysBefore(to, 89), to };
  }
}
