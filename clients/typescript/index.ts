// Typed clients of Klik Desa's APIs, by one address: `klikDesa("https://klik.example", key).intake`.
import createClient, { type Client } from "openapi-fetch";
import type { paths as Intake } from "./intake.js";
import type { paths as Notify } from "./notify.js";
import type { paths as Reporting } from "./reporting.js";
import type { paths as Routing } from "./routing.js";

export interface KlikDesa {
  intake: Client<Intake>;
  routing: Client<Routing>;
  notify: Client<Notify>;
  reporting: Client<Reporting>;
}

/** `key`: an API key, or a token; none for what is open to everybody. */
export function klikDesa(baseUrl: string, key?: string): KlikDesa {
  const headers: Record<string, string> = key ? { Authorization: `Bearer ${key}` } : {};
  const options = { baseUrl, headers };
  return {
    intake: createClient<Intake>(options),
    routing: createClient<Routing>(options),
    notify: createClient<Notify>(options),
    reporting: createClient<Reporting>(options),
  };
}
