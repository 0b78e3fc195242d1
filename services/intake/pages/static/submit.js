// The form works without this: here are the search for a desa, the draft, and the way without signal.
import * as draft from "./draft.js";
import "./queue.js";

const form = document.getElementById("konsultasi");
const { kunci, waktu, desa, judul, isi } = form.elements;
const isFresh = form.dataset.fresh === "yes";
let isTouched = false; // by who fills it in

const newKey = () =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((one) => one.toString(16).padStart(2, "0")).join("");

// Who asks, of a post that is mended: read once.
function mendedNow() {
  try {
    const fields = JSON.parse(sessionStorage.getItem(klikQueue.MENDED));
    sessionStorage.removeItem(klikQueue.MENDED);
    return fields;
  } catch {
    return null;
  }
}

function fill(fields) {
  for (const [name, value] of Object.entries(fields)) {
    const field = form.elements[name];
    if (!field) continue;
    if (field.type === "checkbox") field.checked = Boolean(value);
    else field.value = value;
  }
}

// Of the post that was sent last: the receipt says so, also where its script never came.
const sentKey = () => document.cookie.match(/(?:^|; )klik_terkirim=([0-9a-f]{32})/)?.[1];

function begin() {
  const asked = new URLSearchParams(location.search).get("desa");
  const sent = sentKey();
  if (sent && draft.read()?.kunci === sent) draft.remove();
  const kept = draft.read();
  if (isFresh) {
    // the page may be one that was kept: its key would be that of an earlier post
    kunci.value = newKey();
    waktu.value = "";
    if (kept) fill({ ...kept, ...mendedNow() });
    document.getElementById("draf").hidden = !kept;
    if (asked && [...desa.options].some((one) => one.value === asked)) desa.value = asked;
  }
  tellKept(kept !== null);
  klikQueue.shown(kunci.value);
}

function tellKept(isKept) {
  document.getElementById("disimpan").hidden = !isKept;
}

function empty() {
  draft.remove();
  form.reset();
  // what was refused came filled in, and would be again
  for (const one of [judul, isi, form.elements.nama, form.elements.alamat]) one.value = "";
  search.dispatchEvent(new Event("input"));
  kunci.value = newKey();
  klikQueue.shown(kunci.value);
  document.getElementById("draf").hidden = true;
  tellKept(false);
}

form.addEventListener("input", () => {
  isTouched = true;
  // what was sent once and is changed now is another post
  waktu.value = "";
  if (!judul.value.trim() && !isi.value.trim()) {
    draft.remove();
    tellKept(false);
    return;
  }
  const fields = Object.fromEntries(
    [...new FormData(form)].filter(([name, value]) => value && !klikQueue.NOT_KEPT.includes(name)),
  );
  draft.keep(fields);
  tellKept(true);
});

// the device's time, once: a repeated post is the same to the last letter
form.addEventListener("submit", () => {
  waktu.value ||= new Date().toISOString();
});

for (const button of document.querySelectorAll(".hapus-isian")) {
  button.addEventListener("click", () => {
    empty();
    desa.focus();
  });
}

// --- the desa, found by typing
const search = document.getElementById("cari-desa");
const told = document.getElementById("cari-hasil");
const groups = [...desa.querySelectorAll("optgroup")].map((group) => ({
  group,
  options: [...group.children],
}));
const plain = (text) => text.toLowerCase().normalize("NFD").replace(/[^a-z0-9]/g, "");

search.addEventListener("input", () => {
  const wanted = plain(search.value);
  const fitting = [];
  for (const { group, options } of groups) {
    const inGroup = wanted && plain(group.label).includes(wanted);
    const some = options.filter((one) => inGroup || plain(one.text).includes(wanted));
    group.replaceChildren(...some);
    if (some.length) fitting.push(...some);
    if (some.length && !group.isConnected) desa.append(group);
    if (!some.length) group.remove();
  }
  if (!wanted) {
    told.textContent = "";
    desa.replaceChildren(desa.options[0], ...groups.map((one) => one.group));
  } else if (fitting.length === 1) {
    [desa.value] = [fitting[0].value];
    told.textContent = told.dataset.one.replace("{name}", fitting[0].text);
  } else {
    desa.value = "";
    told.textContent = fitting.length
      ? told.dataset.some.replace("{count}", fitting.length)
      : told.dataset.none;
  }
});
search.addEventListener("keydown", (event) => {
  if (event.key === "Enter") event.preventDefault(); // it would send the form
});
document.getElementById("cari-bagian").hidden = false;

// --- without signal
async function tellWaiting() {
  const kept = await klikQueue.all();
  document.getElementById("menunggu").hidden = kept.length === 0;
  const worker = await navigator.serviceWorker?.ready;
  if (kept.some((one) => one.state === "waiting")) worker?.active.postMessage("send");
}

// What waits, or was sent, is no draft any more, though no page has said so to it yet. What somebody
// wrote meanwhile stays, as another post.
async function leaveOutSent() {
  const kept = await klikQueue.all();
  if (!kept.some((one) => one.key === draft.read()?.kunci)) return;
  if (!isTouched) return empty();
  kunci.value = newKey();
  klikQueue.shown(kunci.value);
  form.dispatchEvent(new Event("input"));
}

begin();
if (isFresh) leaveOutSent();
// where there is none, or none is allowed, the form is sent as it is
navigator.serviceWorker?.register("/kirim/sw.js", { scope: "/kirim" }).catch(() => undefined);
tellWaiting();
addEventListener("online", tellWaiting);
new BroadcastChannel("klik").addEventListener("message", tellWaiting);
