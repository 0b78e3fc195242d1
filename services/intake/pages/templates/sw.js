// Keeps the page for when there is no signal, and what was written then until there is.
const EDITION = {{ edition|tojson }};
const FILES = {{ files|tojson }};
importScripts({{ asset("queue.js")|tojson }}, {{ asset("worker.js")|tojson }});
