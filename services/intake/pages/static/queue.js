// Posts that this device keeps until there is signal, in IndexedDB: pages and worker read it alike.
// {key, body, at, state: "waiting" | "refused"}, or {key, at, state: "sent", ticket, pin, sentAt}:
// once sent, nothing is left of what was written.
self.klikQueue = (() => {
  const DAY_MS = 24 * 3600 * 1000;
  const DAYS_SHOWN = 7;
  const DAYS_OPEN = 60;
  const POSTS = { name: "klik", store: "posts" };
  // the keys of forms that pages of ours showed: {key, at}
  const FORMS = { name: "klik-formulir", store: "forms" };

  function opened({ name, store }) {
    return new Promise((resolve, reject) => {
      const request = indexedDB.open(name, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(store, { keyPath: "key" });
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  }

  async function run(where, mode, what) {
    const database = await opened(where);
    try {
      return await new Promise((resolve, reject) => {
        const transaction = database.transaction(where.store, mode);
        const request = what(transaction.objectStore(where.store));
        transaction.oncomplete = () => resolve(request.result);
        transaction.onerror = transaction.onabort = () => reject(transaction.error);
      });
    } finally {
      database.close();
    }
  }

  const remove = (key) => run(POSTS, "readwrite", (posts) => posts.delete(key));

  async function all() {
    const found = await run(POSTS, "readonly", (posts) => posts.getAll());
    const oldest = Date.now() - DAYS_SHOWN * DAY_MS;
    const past = found.filter((one) => one.state === "sent" && one.sentAt < oldest);
    await Promise.all(past.map((one) => remove(one.key)));
    return found.filter((one) => !past.includes(one)).sort((one, other) => one.at - other.at);
  }

  // Another site's form may be sent here, and no worker is told by whom: it cannot know such a key.
  async function shown(key) {
    const oldest = Date.now() - DAYS_OPEN * DAY_MS;
    const before = await run(FORMS, "readonly", (forms) => forms.getAll());
    await run(FORMS, "readwrite", (forms) => {
      for (const one of before) if (one.at < oldest) forms.delete(one.key);
      return forms.put({ key, at: Date.now() });
    });
  }

  const isOurs = async (key) => Boolean(await run(FORMS, "readonly", (forms) => forms.get(key)));

  // In a draft, which stays on the device, who asks is not kept. What is mended has it for its tab.
  const NOT_KEPT = ["nama", "alamat", "rahasia"];
  const MENDED = "klik-perbaikan";

  const put = (one) => run(POSTS, "readwrite", (posts) => posts.put(one));

  return { NOT_KEPT, MENDED, all, remove, put, shown, isOurs };
})();
