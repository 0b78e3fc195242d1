// A front-end's first steps: post, follow by ticket, hear what changes. Told by the environment:
// KLIK_URL, KLIK_KEY (a front-end's), KLIK_READER (one that may read figures) and KLIK_DESA.
import { klikDesa } from "./index.js";

declare const process: { env: Record<string, string> };

const { KLIK_URL, KLIK_KEY, KLIK_READER, KLIK_DESA } = process.env;
const frontEnd = klikDesa(KLIK_URL, KLIK_KEY);
const reader = klikDesa(KLIK_URL, KLIK_READER);
const anybody = klikDesa(KLIK_URL);

/** What was asked for. An API answers with a problem where it has something else to say. */
function answered<T>({ data, error }: { data?: T; error?: unknown }): T {
  if (data === undefined) throw new Error(`refused: ${JSON.stringify(error)}`);
  return data;
}

// first the stream, as a page's EventSource opens it: with a token, since it can send no key
const made = await reader.reporting.POST("/v1/reports/stream-token");
const address = `${KLIK_URL}/v1/reports/stream?token=${answered(made).token}`;
const stream = await fetch(address);
if (!stream.ok || !stream.body) throw new Error(`stream: ${stream.status}`);

const posted = await frontEnd.intake.POST("/v1/consultations", {
  // the same key again, after a break of the network, is the same consultation
  params: { header: { "Idempotency-Key": crypto.randomUUID() } },
  body: {
    title: "Perubahan APBDes",
    body: "Apakah perlu Perdes perubahan?",
    topic: "KEU-APBDES",
    desa_code: KLIK_DESA,
    requester: { role: "kepala_desa" },
    kind: "konsultasi",
    channel: "web",
    anonymous: false,
  },
});
const { ticket, pin } = answered(posted);
console.log("ticket:", ticket);

const tracked = await anybody.intake.GET("/v1/track/{ticket}", {
  params: { path: { ticket }, header: { "X-Pin": pin } },
});
console.log("status:", answered(tracked).status);

const text = new TextDecoder();
for await (const piece of stream.body as unknown as AsyncIterable<Uint8Array>) {
  // `reset`: the first figures of all
  const event = /^event: (changed|reset)$/m.exec(text.decode(piece));
  if (event) {
    console.log("event:", event[1]);
    break;
  }
}
