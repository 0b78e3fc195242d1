// The list by keyboard, and live. Without this the page is whole all the same.
const SECONDS = 20;

document.addEventListener("keydown", (event) => {
  const row = event.target.closest?.(".cases li");
  const step = { ArrowDown: "nextElementSibling", j: "nextElementSibling", ArrowUp: "previousElementSibling", k: "previousElementSibling" }[event.key];
  if (!row || !step || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  row[step]?.querySelector("a").focus();
});

async function refresh() {
  if (document.visibilityState !== "visible") return;
  const list = document.getElementById("daftar");
  const mark = await fetch(`/satgas/tanda${location.search}`);
  if (mark.status === 401) return location.reload(); // the session is over: what it showed goes
  if (!mark.ok || (await mark.text()) === list.dataset.mark) return;
  const page = await fetch(location.href);
  if (!page.ok || page.redirected) return;
  const fresh = new DOMParser().parseFromString(await page.text(), "text/html");
  const focused = document.activeElement?.getAttribute("href");
  for (const id of ["bagian", "daftar"]) {
    document.getElementById(id).replaceWith(document.adoptNode(fresh.getElementById(id)));
  }
  if (focused) document.querySelector(`#daftar a[href="${CSS.escape(focused)}"]`)?.focus();
  const news = document.getElementById("kabar");
  news.textContent = news.dataset.text;
}

setInterval(() => refresh().catch(() => undefined), SECONDS * 1000); // no signal: next time
document.addEventListener("visibilitychange", () => refresh().catch(() => undefined));
