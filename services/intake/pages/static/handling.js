// Ctrl+Enter sends what is written, by the first button of its form.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const form = event.target.closest?.("textarea")?.form;
  form?.requestSubmit(form.querySelector("button"));
});
