import { Buffer } from "node:buffer";
import { rewriteJson } from "@/lib/json-text";
import type { Shown } from "@/lib/runner/contract";
import { sqlJson } from "@/lib/sql-json";
import { withoutNul } from "@/lib/text";

/** Fields of credentials that people need to see in logs. Values that look like they carry a secret are not spared. */
const plainKeys = new Set(
  "username user userName email host hostname hostUrl baseUrl instanceUrl url server port database protocol apiPath apiVersion fhirVersion clusterHostname collections_endpoint environment region locale timezone".split(
    " ",
  ),
);

/** Shorter ones are no secrets: hiding them would hide everything, and they are guessed at once. */
const minSecretChars = 4;
/** Shorter ones turn up by chance within longer words and numbers, where they stay. */
const minPartChars = 8;
/** Words of JSON, which data is full of. */
const plainValues = new Set(["true", "false", "null", "undefined", "none"]);
const maxSecrets = 1_000;
const maxDepth = 8;
const mask = "***";

/** A URL with a user or a query may hold a token; a plain one does not. */
const carriesSecret = (value: string): boolean => /^[a-z][a-z0-9+.-]*:\/\/[^/]*@|[?&][^=]+=/i.test(value);

const isSecret = (value: string): boolean =>
  value.length >= minSecretChars && !plainValues.has(value.toLowerCase());

function collect(value: unknown, key: string, found: Set<string>, depth: number): void {
  if (depth > maxDepth) return;
  if (typeof value === "string") {
    if (isSecret(value) && (!plainKeys.has(key) || carriesSecret(value))) found.add(value);
  } else if (typeof value === "number" && isSecret(String(value)) && !plainKeys.has(key)) {
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
const anyOf = (texts: string[]): RegExp | null =>
  texts.length > 0 ? new RegExp(texts.join("|"), "gu") : null;

/** A text that is not part of a longer word or number: 1234 in PIN1234, not in 12345; test in test1, not in latest. */
function alone(text: string): string {
  const kind = (character: string) => [/\p{L}/u, /\p{N}/u].find((one) => one.test(character))?.source;
  const [before, after] = [kind(text[0] ?? ""), kind(text.at(-1) ?? "")];
  return `${before ? `(?<!${before})` : ""}${escaped(text)}${after ? `(?!${after})` : ""}`;
}

/** What no field is called: it holds more than letters, digits and what joins them, or mixes them as tokens do. */
const isNoName = (text: string): boolean =>
  text.length >= minPartChars &&
  (!/^[\p{L}\p{N}_ .:-]+$/u.test(text) ||
    (text.length >= 16 && /\d/.test(text) && /\p{L}/u.test(text) && !/\s/.test(text)));

/**
 * Replaces a credential's values by `***` in what is shown of a step, and makes it fit to be stored. What is handed on
 * goes past it. Against accidents: a job that transforms a secret on purpose can still show it.
 *
 * `inherited` are values of other credentials, which came with the step's input.
 */
export class Scrubber {
  /** What is hidden: own values, pairs of user and secret, and what was inherited. */
  readonly values: string[];
  readonly #pattern: RegExp | null;
  readonly #anywhere: RegExp | null;
  readonly #tokens: RegExp | null;
  readonly #scalars: Set<string>;

  constructor(configuration: Record<string, unknown> | null, inherited: readonly string[] = []) {
    const secrets = secretsOf(configuration);
    const pairs = configuration ? basicPairs(configuration, secrets) : [];
    const found = new Set([...secrets, ...pairs, ...inherited.filter(isSecret)]);
    this.values = [...found].slice(0, maxSecrets);
    this.#scalars = new Set(this.values);
    const longestFirst = [...new Set(this.values.flatMap(variants))]
      .filter((text) => text.length >= minSecretChars)
      .sort((a, b) => b.length - a.length);
    this.#anywhere = anyOf(longestFirst.map(escaped));
    this.#pattern = anyOf(
      longestFirst.map((text) => (text.length < minPartChars ? alone(text) : escaped(text))),
    );
    this.#tokens = anyOf(longestFirst.filter(isNoName).map(escaped));
  }

  /** A line, a message, a path. */
  text(value: string): string {
    const clean = withoutNul(value);
    return this.#pattern ? clean.replace(this.#pattern, mask) : clean;
  }

  /** The texts and numbers inside JSON-like data; its structure, keys included, stays. */
  value(value: unknown): unknown {
    if (value === undefined) return undefined;
    const text = sqlJson(value);
    return JSON.parse(this.json(text)?.text ?? text);
  }

  /**
   * JSON text with the credential's values hidden by position: a text that holds one, or a number that is one. Keys are
   * structure and stay, unless a secret is in one that no field is called. Null when there is nothing to hide.
   */
  json(text: string): Shown | null {
    if (!this.#mayHide(text)) return null;
    let keys = 0;
    const shown = rewriteJson(text, {
      string: (value, isKey) => {
        const pattern = isKey ? this.#tokens : this.#pattern;
        const hidden = pattern ? value.replace(pattern, mask) : value;
        if (hidden === value) return undefined;
        // Two keys that look alike would be one.
        return isKey && ++keys > 1 ? `${hidden} (${keys})` : hidden;
      },
      scalar: (written) => (this.#scalars.has(written) ? `"${mask}"` : undefined),
    });
    return shown === text ? null : { text: shown, hidden: this.values };
  }

  /** Large states seldom hold a secret. An escape that JSON does not ask for may hide any. */
  #mayHide(text: string): boolean {
    if (!this.#anywhere) return false;
    return text.includes("\\u") || text.search(this.#anywhere) >= 0;
  }
}
