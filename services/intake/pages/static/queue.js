// Posts that this device keeps until there is signal, in IndexedDB: pages and worker read it alike.
// {key, body, at, state: "waiting" | "refused"}, or {key, at, state: "sent", ticket, pin, sentAt}:
// once sent, nothing is left of what was written.
self.klikQueue = (() => {
  const DAYS_SHOWN = 7;

  function opened() {
    return new Promise((resolve, reject) => {
      const request = indexedDB.open("klik", 1);
      request.onupgradeneeded = () => request.result.createObjectStore("posts", { keyPath: "key" });
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  }

  async function run(mode, what) {
    const database = await opened();
    try {
      return await new Promise((resolve, reject) => {
        const transaction = database.transaction("posts", mode);
        const request = what(transaction.objectStore("posts"));
        transaction.oncomplete = () => resolve(request.result);
        transaction.onerror = transaction.onabort = () => reject(transaction.error);
      });
    } finally {
      database.close();
    }
  }

  const remove = (key) => run("readwrite", (posts) => posts.delete(key));

  async function all() {
    const found = await run("readonly", (posts) => posts.getAll());
    const oldest = Date.now() - DAYS_SHOWN * 24 * 3600 * 1000;
    const past = found.filter((one) => one.state === "sent" && one.sentAt < oldest);
    await Promise.all(past.map((one) => remove(one.key)));
    return found.filter((one) => !past.includes(one)).sort((one, other) => one.at - other.at);
  }

  // In a draft, which stays on the device, who asks is not kept. What is mended has it for its tab.
  const NOT_KEPT = ["nama", "alamat", "rahasia"];
  const MENDED = "klik-perbaikan";

  return { NOT_KEPT, MENDED, all, remove, put: (one) => run("readwrite", (posts) => posts.put(one)) };
})();
