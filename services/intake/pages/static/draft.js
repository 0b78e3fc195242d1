// What was filled in and not sent, on this device: without who asks, and for some days.
const DRAFT = "klik-draf";
const SAVED = "disimpan"; // when, in milliseconds since 1970
const KEPT_MS = 7 * 24 * 3600 * 1000;

export const remove = () => localStorage.removeItem(DRAFT);

export function keep(fields) {
  localStorage.setItem(DRAFT, JSON.stringify({ ...fields, [SAVED]: Date.now() }));
}

// Null where there is none, or it is too old: then it is gone.
export function read() {
  try {
    const { [SAVED]: saved, ...fields } = JSON.parse(localStorage.getItem(DRAFT));
    if (saved === undefined) keep(fields); // one from before they had a time
    if (!(saved <= Date.now() - KEPT_MS)) return fields;
  } catch {
    // there is none, or none that can be read
  }
  remove();
  return null;
}
