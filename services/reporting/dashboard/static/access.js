// By what the reports are read: a code that was typed here, or the session of /masuk, which gives a
// token for some minutes. The token is in this module's memory alone, and in no storage.

import { byId, make } from "./dom.js";

const KEY = "klik-desa-key";
const EARLY = 30_000; // milliseconds before its end that a token is replaced

let key = null;
let session = null;
let used = true;

for (const act of ["pointerdown", "keydown"]) addEventListener(act, () => (used = true), { capture: true, passive: true });

// what a typed code opens goes before the session: it was typed here
export const isIn = () => Boolean(key || session?.token);
export const who = () => (key ? null : session?.name ?? null);

export function take(code) {
  key = code;
  sessionStorage.setItem(KEY, code);
}

/** Looks for a code kept in this tab, else, where the browser has a session, asks for what it gives. */
export async function open(given, signedIn) {
  if (given) take(given);
  key = sessionStorage.getItem(KEY);
  if (!key && signedIn) await ask();
}

/** For the header; null where nobody is in any more. `anew`: the one before was refused. */
export async function authorization(anew = false) {
  if (key) return `Bearer ${key}`;
  if (session && (anew || performance.now() > session.until)) await ask();
  return session?.token ? `Bearer ${session.token}` : null;
}

async function ask() {
  const reply = await fetch("masuk/laporan", { method: "POST", body: new URLSearchParams(used ? { dipakai: "1" } : {}) });
  if (reply.status !== 200 && reply.status !== 204) throw new Error(`session: ${reply.status}`);
  used = false;
  const given = reply.status === 200 ? await reply.json() : null;
  session = given && { ...given, until: performance.now() + given.seconds * 1000 - EARLY };
}

/** True where the page is left for it: what the browser knows of the session is intake's to end. */
export function leave() {
  const proof = key ? null : session?.proof;
  key = session = null;
  sessionStorage.removeItem(KEY);
  if (!proof) return false;
  const form = byId("leave");
  form.replaceChildren(make("input", { type: "hidden", name: "bukti", value: proof }));
  form.submit();
  return true;
}

/** The code or the session is of no use any more. */
export function forget() {
  key = session = null;
  sessionStorage.removeItem(KEY);
}

// who comes back to a page that the browser kept as it was may be somebody else
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
