// Print, share, and forget the draft of what was sent.
const receipt = document.getElementById("tanda-terima");
const DRAFT = "klik-draf";

try {
  const draft = JSON.parse(localStorage.getItem(DRAFT) ?? "{}");
  if (draft.kunci === receipt.dataset.key) localStorage.removeItem(DRAFT);
} catch {
  localStorage.removeItem(DRAFT);
}

const print = document.getElementById("cetak");
print.hidden = false;
print.addEventListener("click", () => window.print());

const share = document.getElementById("bagikan");
if (navigator.share) {
  share.hidden = false;
  share.addEventListener("click", () => {
    const { title, text, url } = share.dataset;
    navigator.share({ title, text, url }).catch(() => undefined); // put aside by its reader
  });
}
