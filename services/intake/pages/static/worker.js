// The worker's own part of sw.js: the page from the cache, and posts kept before they are sent.
const FORM = "/kirim";
const WAITING = "/kirim/antrean";
const CACHE = `klik-${EDITION}`;
const FORM_TYPE = "application/x-www-form-urlencoded";

self.addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(CACHE);
      await cache.addAll([...FILES, FORM, WAITING].map((one) => new Request(one, { cache: "reload" })));
      await self.skipWaiting();
    })(),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      const old = (await caches.keys()).filter((name) => name.startsWith("klik-") && name !== CACHE);
      await Promise.all(old.map((name) => caches.delete(name)));
      await self.clients.claim();
    })(),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.method === "POST") {
    const isPage = !request.headers.get("accept")?.includes("application/json");
    if (url.pathname === FORM && isPage) event.respondWith(keptAndSent(request));
  } else if (request.mode === "navigate" && [FORM, WAITING].includes(url.pathname)) {
    event.respondWith(shell(event, url));
  } else if (FILES.includes(url.pathname)) {
    event.respondWith(caches.match(url.pathname).then((kept) => kept ?? fetch(request)));
  }
});

self.addEventListener("sync", (event) => {
  if (event.tag !== FORM) return;
  const work = sendAll().then((left) => {
    if (left) throw new Error("no signal yet"); // then the browser tries again
  });
  event.waitUntil(work);
});

self.addEventListener("message", (event) => {
  if (event.data === "send") event.waitUntil(sendAll());
});

// The page as it was kept, at once, and a newer one for the next time. Who asks for another language
// waits for it.
async function shell(event, url) {
  const isOther = url.searchParams.has("bahasa");
  const kept = isOther ? undefined : await caches.match(url.pathname);
  const newer = isOther ? fetch(event.request) : renewed(url.pathname);
  if (kept) {
    event.waitUntil(newer.catch(() => undefined));
    return kept;
  }
  try {
    const answer = await newer;
    if (isOther) event.waitUntil(Promise.all([renewed(FORM), renewed(WAITING)]));
    return answer;
  } catch (error) {
    const old = await caches.match(url.pathname);
    if (old) return old;
    throw error;
  }
}

async function renewed(path) {
  const answer = await fetch(path, { cache: "reload" });
  if (answer.ok) await (await caches.open(CACHE)).put(path, answer.clone());
  return answer;
}

// Kept first: whatever happens to the page now, the post is not lost. One of another site's form is
// not kept: it would be sent later as if this page had, and the service could not tell.
async function keptAndSent(request) {
  const fields = new URLSearchParams(await request.clone().text());
  if (!(await klikQueue.isOurs(fields.get("kunci") ?? ""))) {
    return fetch(request).catch(() => Response.redirect(FORM, 303));
  }
  if (!fields.get("waktu")) fields.set("waktu", new Date().toISOString());
  const entry = { key: fields.get("kunci"), body: fields.toString(), at: Date.now(), state: "waiting" };
  await klikQueue.put(entry);
  let answer;
  try {
    // as it came: the browser says of which site it is, and the service refuses another's
    answer = await fetch(request);
  } catch {
    answer = undefined;
  }
  if (!answer || mayComeLater(answer.status)) {
    await askForSync();
    return Response.redirect(WAITING, 303);
  }
  await klikQueue.remove(entry.key);
  return answer;
}

const posted = (entry, accept) =>
  fetch(FORM, {
    method: "POST",
    body: entry.body,
    headers: { "Content-Type": FORM_TYPE, Accept: accept },
  });

const mayComeLater = (status) => status >= 500 || status === 429 || status === 408;

// Not every browser has it; then an open page asks.
async function askForSync() {
  try {
    await self.registration.sync.register(FORM);
  } catch {
    return;
  }
}

let sending;

// One after the other, one round at a time; answers how many are left.
function sendAll() {
  sending ??= round().finally(() => {
    sending = undefined;
  });
  return sending;
}

async function round() {
  let left = 0;
  for (const entry of await klikQueue.all()) {
    if (entry.state === "waiting" && !(await sent(entry))) left += 1;
  }
  return left;
}

async function sent(entry) {
  const { key, at } = entry;
  try {
    const answer = await posted(entry, "application/json");
    if (mayComeLater(answer.status)) return false;
    if (answer.ok) {
      const { ticket, pin } = await answer.json();
      await klikQueue.put({ key, at, state: "sent", ticket, pin, sentAt: Date.now() });
    } else {
      await klikQueue.put({ ...entry, state: "refused" });
    }
  } catch {
    return false;
  }
  new BroadcastChannel("klik").postMessage("changed");
  return true;
}
