// Print, share, and forget the draft of what was sent.
import * as draft from "./draft.js";

const receipt = document.getElementById("tanda-terima");

if (draft.read()?.kunci === receipt.dataset.key) draft.remove();

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
