import { Buffer } from "node:buffer";
import { withoutNul } from "@/lib/text";

/** Fields of credentials that people need to see in logs. Values that look like they carry a secret are not spared. */
const plainKeys = new Set(
  "username user userName email host hostname hostUrl baseUrl instanceUrl url server port database protocol apiPath apiVersion fhirVersion clusterHostname collections_endpoint environment region locale timezone".split(
    " ",
  ),
);

const minSecretChars = 4;
const maxDepth = 8;
const mask = "***";

/** A URL with a user or a query may hold a token; a plain one does not. */
const carriesSecret = (value: string): boolean => /^[a-z][a-z0-9+.-]*:\/\/[^/]*@|[?&][^=]+=/i.test(value);

function collect(value: unknown, key: string, found: Set<string>, depth: number): void {
  if (depth > maxDepth) return;
  if (typeof value === "string") {
    if (value.length >= minSecretChars && (!plainKeys.has(key) || carriesSecret(value))) found.add(value);
  } else if (typeof value === "number" && String(value).length >= minSecretChars && !plainKeys.has(key)) {
    found.add(String(value));
  } else if (typeof value === "object" && value !== null) {
    for (const [inner, item] of Object.entries(value))
      collect(item, Array.isArray(value) ? key : inner, found, depth + 1);
  }
}

/** Every credential value that must not be shown. */
export function secretsOf(configuration: Record<string, unknown> | null): string[] {
  const found = new Set<string>();
  collect(configuration, "", found, 0);
  return [...found];
}

const userKeys = ["username", "user", "userName", "email"];

/** `user:secret` as Basic authentication writes it. */
function basicPairs(configuration: Record<string, unknown>, secrets: string[]): string[] {
  const users = userKeys
    .map((key) => configuration[key])
    .filter((value): value is string => typeof value === "string");
  return users.flatMap((user) => secrets.map((secret) => `${user}:${secret}`));
}

/** The forms in which a value turns up in logs, errors and URLs. */
function variants(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const json = JSON.stringify(secret).slice(1, -1);
  const url = encodeURIComponent(secret);
  const base64 = bytes.toString("base64");
  return [
    ...[
      secret,
      json,
      JSON.stringify(json).slice(1, -1),
      url,
      url.replaceAll("%20", "+"),
      base64,
      base64.replace(/=+$/, ""),
    ],
    ...[bytes.toString("base64url"), bytes.toString("hex"), bytes.toString("hex").toUpperCase()],
  ];
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");

/**
 * Replaces a credential's values by `***` in what a step says, and makes it fit to be stored. Against accidents: a job that transforms a secret on
 * purpose can still show it.
 */
export class Scrubber {
  readonly #pattern: RegExp | null;

  constructor(configuration: Record<string, unknown> | null) {
    const secrets = secretsOf(configuration);
    const pairs = configuration ? basicPairs(configuration, secrets) : [];
    const all = new Set([...secrets, ...pairs].flatMap(variants));
    const longestFirst = [...all]
      .filter((text) => text.length >= minSecretChars)
      .sort((a, b) => b.length - a.length);
    this.#pattern = longestFirst.length ? new RegExp(longestFirst.map(escaped).join("|"), "g") : null;
  }

  /** `minChars` spares short values, which turn up in ordinary data by chance. */
  text(value: string, minChars = minSecretChars): string {
    const clean = withoutNul(value);
    if (!this.#pattern) return clean;
    return clean.replace(this.#pattern, (found) => (found.length >= minChars ? mask : found));
  }

  /** The same for the texts inside JSON-like data. */
  value(value: unknown): unknown {
    if (typeof value === "string") return this.text(value);
    if (Array.isArray(value)) return value.map((item) => this.value(item));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [this.text(key), this.value(item)]));
  }
}
