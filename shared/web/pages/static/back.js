// The button "back" shows a page as the browser kept it, whoever is signed in by now: it is asked for
// again, and hidden until it comes.

addEventListener("pagehide", (event) => {
  if (event.persisted) document.body.hidden = true;
});
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
