// Ctrl+Enter sends what is written, by the first button of its form.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const form = event.target.closest?.("textarea")?.form;
  form?.requestSubmit(form.querySelector("button"));
});

// A saved text goes where the cursor is, without a way to the server and back.
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-insert]");
  if (!button) return;
  event.preventDefault();
  const text = document.getElementById("pesan");
  text.setRangeText(button.closest("li").querySelector(".said").textContent, text.selectionStart, text.selectionEnd, "end");
  text.focus();
});
