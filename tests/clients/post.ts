// A front-end's first steps with types made from intake's document: post, and follow by ticket.
import createClient from "openapi-fetch";
import type { paths } from "./intake.js";

declare const process: { env: Record<string, string> };

const { INTAKE, KEY, DESA } = process.env;
const intake = createClient<paths>({ baseUrl: INTAKE });

const posted = await intake.POST("/v1/consultations", {
  headers: { Authorization: `Bearer ${KEY}` },
  params: { header: { "Idempotency-Key": "typescript-1" } },
  body: {
    title: "Perubahan APBDes",
    body: "Apakah perlu Perdes perubahan?",
    topic: "KEU-APBDES",
    desa_code: DESA,
    requester: { role: "kepala_desa" },
    kind: "konsultasi",
    channel: "web",
    anonymous: false,
  },
});
if (posted.error) throw new Error(JSON.stringify(posted.error));

const { ticket, pin } = posted.data;
const tracked = await intake.GET("/v1/track/{ticket}", {
  params: { path: { ticket }, header: { "X-Pin": pin } },
});
if (tracked.error) throw new Error(JSON.stringify(tracked.error));
console.log(tracked.data.ticket);
