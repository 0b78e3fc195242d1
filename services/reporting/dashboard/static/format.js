// Numbers, days and durations as people here write them; texts with their places filled in.

const page = JSON.parse(document.body.dataset.page);
const locale = document.documentElement.lang === "en" ? "en-GB" : "id-ID";
const ZONE = "Asia/Makassar";
// what open data leave out
export const HIDDEN = "·";
// seconds of a working day: 37.5 office hours in five days
const WORKING_DAY = 27_000;

export const { openData, signedIn } = page;
export const english = locale === "en-GB";

export function text(name, values = {}) {
  return page.texts[name].replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
}

const whole = new Intl.NumberFormat(locale);
const percent = new Intl.NumberFormat(locale, { style: "percent" });
const tenths = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });

export const count = (value) => (value === null ? HIDDEN : whole.format(value));
export const share = (value) => (value === null ? "–" : percent.format(value));
export const inDays = (seconds) => (seconds === null ? null : seconds / WORKING_DAY);

// working days, "–" where nobody was answered
export function days(seconds) {
  if (seconds === null) return "–";
  const value = inDays(seconds);
  return value > 0 && value < 0.05 ? `< ${tenths.format(0.1)}` : tenths.format(value);
}

export const time = (text) =>
  new Intl.DateTimeFormat(locale, { timeZone: ZONE, hour: "2-digit", minute: "2-digit" }).format(new Date(text));
export const moment = (text) =>
  new Intl.DateTimeFormat(locale, { timeZone: ZONE, day: "numeric", month: "long", year: "numeric" }).format(new Date(text));
// of a day without a time, which is the same everywhere
export const day = (text, style = { day: "numeric", month: "long", year: "numeric" }) =>
  new Intl.DateTimeFormat(locale, { timeZone: "UTC", ...style }).format(new Date(`${text}T00:00Z`));
// of a day, or of the first day of a week or month
export const period = (text, by, style) =>
  by === "month"
    ? day(text, { month: "short", year: "numeric" })
    : day(text, style ?? { day: "numeric", month: "short", year: "numeric" });

export const today = () => new Intl.DateTimeFormat("sv-SE", { timeZone: ZONE }).format(new Date());
export function daysBefore(text, days) {
  const date = new Date(`${text}T00:00Z`);
  date.setUTCDate(date.getUTCDate() - days);
  return date.toISOString().slice(0, 10);
}

/** The days of a day, week or month that begins on `first`, as far as the range has them. */
export function within(first, by, from, to) {
  const date = new Date(`${first}T00:00Z`);
  if (by === "month") date.setUTCMonth(date.getUTCMonth() + 1, 0);
  else date.setUTCDate(date.getUTCDate() + (by === "week" ? 6 : 0));
  const last = date.toISOString().slice(0, 10);
  return { from: first < from ? from : first, to: last > to ? to : last };
}

// good, fair or bad, against what was promised; nothing where there is nothing to say
export const ofRatio = (value) => (value === null ? "" : value >= 0.9 ? "good" : value >= 0.75 ? "fair" : "bad");
// good while nothing that is open has waited long, bad from a tenth of it on
export const ofOld = (old, open) => (!open || old === null ? "" : old === 0 ? "good" : old / open < 0.1 ? "fair" : "bad");
export const ofDays = (value, target) =>
  value === null || !target ? "" : value <= target * 0.75 ? "good" : value <= target ? "fair" : "bad";
