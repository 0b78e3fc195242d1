// The stream of changes. EventSource sends no Authorization, so the stream is read with fetch.

const SILENCE = 40_000; // milliseconds; heartbeats come every 15 s
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 30_000;

/** Calls `tell(event, data)` for each event, `state(isConnected)` as that changes, until `stop()`.
 *  Comes back after any failure with the id of the last event; not where the key is refused. */
export function listen({ url, key, position, tell, state }) {
  const stopped = new AbortController();
  let last = position;
  let pause = FIRST_PAUSE;

  async function once() {
    const silent = new AbortController();
    let alarm;
    const heard = () => {
      clearTimeout(alarm);
      alarm = setTimeout(() => silent.abort(), SILENCE);
    };
    try {
      heard();
      const headers = { Authorization: `Bearer ${key}`, Accept: "text/event-stream" };
      if (last) headers["Last-Event-ID"] = last;
      const signal = AbortSignal.any([stopped.signal, silent.signal]);
      const reply = await fetch(url, { headers, signal, cache: "no-store" });
      if (reply.status === 401 || reply.status === 403) return false;
      if (!reply.ok) throw new Error(`stream: ${reply.status}`);
      state(true);
      pause = FIRST_PAUSE;
      const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
      let waiting = "";
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return true;
        heard();
        const parts = (waiting + value).split("\n\n");
        waiting = parts.pop();
        for (const part of parts) read(part);
      }
    } finally {
      clearTimeout(alarm);
    }
  }

  function read(part) {
    const fields = {};
    for (const line of part.split("\n")) {
      const at = line.indexOf(": ");
      if (at > 0) fields[line.slice(0, at)] = line.slice(at + 2);
    }
    if (fields.id) last = fields.id;
    if (fields.event) tell(fields.event, JSON.parse(fields.data));
  }

  async function forEver() {
    while (!stopped.signal.aborted) {
      try {
        if (!(await once())) return;
      } catch {
        if (stopped.signal.aborted) return;
      }
      state(false);
      // not all at once after a replica stopped
      await new Promise((resolve) => setTimeout(resolve, pause * (0.5 + Math.random())));
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    }
  }

  forEver();
  return { stop: () => stopped.abort(), position: () => last };
}
