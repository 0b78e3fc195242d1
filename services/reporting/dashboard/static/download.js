// Files of what is shown. A link sends no key: they are asked for, and handed to the browser.

import { byId } from "./dom.js";
import { english, text } from "./format.js";

/** Has the buttons in the element `id-files` give what `query()` asks of `path`, in their formats;
 *  `id-error` says where that failed. */
export function offer(id, path, query, headers) {
  byId(`${id}-files`).addEventListener("click", async (event) => {
    const suffix = event.target.closest("button")?.dataset.format;
    if (!suffix) return;
    byId(`${id}-error`).textContent = "";
    try {
      await download(path, query(), suffix, await headers());
    } catch {
      byId(`${id}-error`).textContent = text("download_failed");
    }
  });
}

async function download(path, query, suffix, headers) {
  const asked = new URLSearchParams(query);
  // what Excel opens with a double click, by the language of the page
  if (suffix === "csv") asked.set("excel", english ? "en" : "id");
  const reply = await fetch(`${path}.${suffix}?${asked}`, { headers });
  if (!reply.ok) throw new Error(`${path}: ${reply.status}`);
  const name = /filename="([^"]+)"/.exec(reply.headers.get("Content-Disposition"))[1];
  const url = URL.createObjectURL(await reply.blob());
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
