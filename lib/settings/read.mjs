// @ts-check
import { isEveryInterface, isPlainBeyondLoopback, listed, listedAddresses } from "./checks.mjs";
import { declared, settings } from "./settings.mjs";

/** @typedef {import("./settings.mjs").Name} Name */
/** @typedef {import("./settings.mjs").Setting} Setting */
/** @typedef {Record<string, string | undefined>} Source */

/**
 * The type that a setting is read to.
 * @template S
 * @typedef {S extends { kind: "number" } ? number
 *   : S extends { kind: "flag" } ? boolean
 *   : S extends { kind: "list" } ? string[]
 *   : S extends { kind: "choice", values: readonly (infer V)[] } ? V
 *   : S extends { default: string } ? string
 *   : string | undefined} Read
 */
/** @typedef {{ [N in Name]: Read<(typeof settings)[N]> }} Values */

const maxShownChars = 100;

/** A value as it may be shown: bounded, printable, without a password of an address. @param {string} text */
const shown = (text) =>
  text
    .replace(/\/\/[^/@\s]*@/, "//…@")
    .replace(/[^\x20-\x7e\u00a0-\uffff]/g, "?")
    .slice(0, maxShownChars);

/**
 * What is wrong with one setting's text, as one sentence that says what to do, or undefined.
 * @param {Name} name
 * @param {string} text
 * @returns {string | undefined}
 */
export function problemOf(name, text) {
  /** @type {Setting} */
  const setting = settings[name];
  const said = setting.check?.(text, name);
  if (!said) return undefined;
  return setting.isSecret ? `${name} ${said}.` : `${name} is "${shown(text)}", which ${said}.`;
}

/**
 * The problems of single settings, one sentence each. Empty means unset.
 * @param {Source} source
 * @returns {string[]}
 */
const singleProblems = (source) =>
  declared.flatMap(([name]) => {
    const text = source[name];
    const problem = text ? problemOf(name, text) : undefined;
    return problem ? [problem] : [];
  });

/** @param {readonly string[]} names */
const and = (names) => names.join(", ").replace(/, (?=[^,]*$)/, " and ");

/**
 * Settings that are obeyed together only. `why` ends the sentence.
 * @param {Source} source
 * @param {{ any: readonly Name[], all: readonly Name[], why: string }} group
 */
function incomplete(source, { any, all, why }) {
  const given = any.filter((name) => source[name]);
  const missing = all.filter((name) => !source[name]);
  if (given.length === 0 || missing.length === 0) return [];
  return [`${and(given)} ${given.length > 1 ? "are" : "is"} set without ${and(missing)}: ${why}.`];
}

/** @param {string | undefined} text */
const isYes = (text) => Boolean(text) && text !== "0" && text !== "false";

/**
 * Addresses of runners at which credentials would cross a network in plain text.
 * @param {Source} source
 */
function plainRunners(source) {
  if (isYes(source.RUNNER_ALLOW_PLAIN)) return [];
  const named = (/** @type {Name} */ name) =>
    listedAddresses(source[name] ?? "")
      .filter(isPlainBeyondLoopback)
      .map(
        (one) =>
          `${name} names ${shown(one)}, where stored credentials would cross the network in plain text: write https:// and give RUNNER_FINGERPRINT what the runner prints, or set RUNNER_ALLOW_PLAIN=1 where nobody else can listen.`,
      );
  return [...named("RUNNER_URL"), ...named("RUNNER_ADDRESS")];
}

/**
 * A runner that makes itself known says where others reach it.
 * @param {Source} source
 */
function unreachableRunner({ RUNNER_REGISTER_AT: at, RUNNER_ADDRESS: address, RUNNER_URL: url = "" }) {
  if (!at || address) return [];
  const isReachable = /^https?:/i.test(url) && URL.canParse(url) && !isEveryInterface(new URL(url).hostname);
  return isReachable
    ? []
    : [
        "RUNNER_REGISTER_AT is set, and RUNNER_URL does not say where others reach this runner: add RUNNER_ADDRESS, e.g. RUNNER_ADDRESS=https://10.0.0.5:4000.",
      ];
}

/** @param {Source} source @returns {string[]} */
function groupProblems(source) {
  const both = "set both, or neither";
  /** @type {readonly Name[]} */
  const github = ["GITHUB_ID", "GITHUB_SECRET"];
  /** @type {readonly Name[]} */
  const google = ["GOOGLE_ID", "GOOGLE_SECRET"];
  /** @type {readonly Name[]} */
  const oidc = ["OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"];
  /** @type {readonly Name[]} */
  const inngest = ["INNGEST_EVENT_KEY", "INNGEST_SIGNING_KEY"];
  /** @type {readonly Name[]} */
  const connecting = isYes(source.INNGEST_CONNECT) ? ["INNGEST_CONNECT"] : [];
  /** @type {readonly Name[]} */
  const runner = ["RUNNER_CERT", "RUNNER_KEY"];
  /** @type {readonly Name[]} */
  const caller = ["RUNNER_CLIENT_CERT", "RUNNER_CLIENT_KEY"];
  /** @type {readonly Name[]} */
  const payloads = ["PAYLOADS_URL", "PAYLOADS_ACCESS_KEY", "PAYLOADS_SECRET_KEY"];
  return [
    ...incomplete(source, {
      any: payloads,
      all: payloads,
      why: "a bucket needs all of them; set none to keep bodies in the database",
    }),
    ...incomplete(source, { any: runner, all: runner, why: both }),
    ...incomplete(source, { any: caller, all: caller, why: both }),
    ...plainRunners(source),
    ...unreachableRunner(source),
    ...incomplete(source, { any: github, all: github, why: both }),
    ...incomplete(source, { any: google, all: google, why: both }),
    ...incomplete(source, {
      any: [...oidc, "OIDC_NAME"],
      all: oidc,
      why: "sign-in with OpenID Connect needs all of them; take them from your provider, or set none",
    }),
    ...(isYes(source.INNGEST_DEV)
      ? []
      : incomplete(source, {
          any: ["INNGEST_DEV", "INNGEST_BASE_URL", ...inngest, "INNGEST_SERVE_ORIGIN", ...connecting],
          all: inngest,
          why: "Inngest needs both keys, its dev server INNGEST_DEV=1 instead, and the embedded engine none of the INNGEST variables",
        })),
  ];
}

/**
 * Everything that is wrong with an environment, one sentence each that says what to do. No secret is in them.
 * @param {Source} source
 * @returns {string[]}
 */
export const problemsOf = (source) => [...singleProblems(source), ...groupProblems(source)];

/** @param {Setting} setting @param {string} text */
function read(setting, text) {
  if (setting.kind === "number") return Number(text);
  if (setting.kind === "flag") return text === "1" || text === "true";
  return setting.kind === "list" ? listed(text) : text;
}

/**
 * The values of an environment, defaults included. Throws the sentences of all single settings that are not usable.
 * @param {Source} source
 * @returns {Values}
 */
export function readValues(source) {
  const problems = singleProblems(source);
  if (problems.length > 0) throw new Error(problems.join(" "));
  const values = declared.map(([name, setting]) => {
    const text = source[name];
    return [name, text ? read(setting, text) : setting.default];
  });
  return /** @type {Values} */ (Object.fromEntries(values));
}
