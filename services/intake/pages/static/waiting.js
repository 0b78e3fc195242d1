// What this device keeps: its state, and what can be done about it by hand.
import * as draft from "./draft.js";
import "./queue.js";

const list = document.getElementById("antrean");
const template = document.getElementById("satu");
// a phone that is online again does not always say so
const LOOK_MS = 15_000;

const written = new Intl.DateTimeFormat(document.documentElement.lang === "en" ? "en-GB" : "id", {
  dateStyle: "long",
  timeStyle: "short",
  timeZone: "Asia/Makassar",
});

function shown(entry) {
  const item = template.content.cloneNode(true).firstElementChild;
  const at = (name) => item.querySelector(`.${name}`);
  const fields = new URLSearchParams(entry.body ?? "");
  const { state } = entry;
  at("judul").textContent = entry.ticket ?? fields.get("judul");
  at("state").textContent = at("state").dataset[state];
  at("state").classList.add(state);
  at("at").textContent = at("at").dataset.text.replace("{when}", `${written.format(entry.at)} WITA`);
  at("what").textContent = at("what").dataset[state];
  at("remove").textContent = at("remove").dataset[state];
  at("send").hidden = state !== "waiting";
  at("amend").hidden = state !== "refused";
  at("follow").hidden = state !== "sent";
  if (state === "sent") {
    item.querySelector("dl").hidden = false;
    at("ticket").textContent = entry.ticket;
    at("pin").textContent = entry.pin;
    at("follow").href = `/lacak?tiket=${entry.ticket}`;
  }
  at("send").addEventListener("click", send);
  at("remove").addEventListener("click", async () => {
    await klikQueue.remove(entry.key);
    await show();
    document.getElementById("konten").focus();
  });
  at("amend").addEventListener("click", async (event) => {
    event.preventDefault();
    const isWho = ([name]) => klikQueue.NOT_KEPT.includes(name);
    const who = [...fields].filter(isWho);
    const rest = [...fields].filter((one) => !isWho(one));
    sessionStorage.setItem(klikQueue.MENDED, JSON.stringify(Object.fromEntries(who)));
    draft.keep(Object.fromEntries(rest));
    await klikQueue.remove(entry.key);
    location.assign("/kirim");
  });
  return item;
}

async function show() {
  const kept = await klikQueue.all();
  if (kept.some((one) => one.key === draft.read()?.kunci)) draft.remove();
  list.replaceChildren(...kept.map(shown));
  document.getElementById("kosong").hidden = kept.length > 0;
  return kept;
}

async function send() {
  const worker = await navigator.serviceWorker?.ready;
  worker?.active.postMessage("send");
}

async function look() {
  if ((await show()).some((one) => one.state === "waiting")) await send();
}

new BroadcastChannel("klik").addEventListener("message", show);
addEventListener("online", look);
setInterval(look, LOOK_MS);
look();
