// The stream of changes. EventSource sends no Authorization, so the stream is read with fetch.

const SILENCE = 40_000; // milliseconds; heartbeats come every 15 s
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 30_000;

/** Calls `tell(event, data)` for each event, `state(isConnected)` as that changes, until `stop()`.
 *  Comes back after any failure with the id of the last event; where nobody is in any more, `over()`. */
export function listen({ url, authorization, over, position, tell, state }) {
  const stopped = new AbortController();
  let last = position;
  let pause = FIRST_PAUSE;
  let refused = false; // once: what a session gave may be over, and the session not

  async function once() {
    const silent = new AbortController();
    let alarm;
    const heard = () => {
      clearTimeout(alarm);
      alarm = setTimeout(() => silent.abort(), SILENCE);
    };
    try {
      heard();
      const given = await authorization(refused);
      if (!given) return false;
      const headers = { Authorization: given, Accept: "text/event-stream" };
      if (last) headers["Last-Event-ID"] = last;
      const signal = AbortSignal.any([stopped.signal, silent.signal]);
      const reply = await fetch(url, { headers, signal, cache: "no-store" });
      if (reply.status === 403 || (reply.status === 401 && refused)) return false;
      refused = reply.status === 401;
      if (refused) return true;
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
        if (!(await once())) return over();
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
