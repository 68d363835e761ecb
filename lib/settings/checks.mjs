// @ts-check
import { isLoopback } from "./mail-mode.mjs";

/**
 * What is wrong with one value, said after its name ("is no port: use …"), or undefined when nothing is.
 * @typedef {(text: string, name: string) => string | undefined} Check
 */

/** Shorter texts are no keys: 32 random bytes are 44 characters of base64, 64 of hex. */
export const minKeyChars = 32;
// Node's timers turn a longer wait into one of a millisecond.
const maxTimerMs = 2 ** 31 - 1;

/** @type {Check} */
export const port = (text, name) =>
  /^\d{1,5}$/.test(text) && Number(text) <= 65_535
    ? undefined
    : `is no port: use a number from 1 to 65535, e.g. ${name}=3001 npm start`;

/** @type {Check} */
export const count = (text) =>
  Number.isSafeInteger(Number(text)) && Number(text) > 0
    ? undefined
    : "is no whole number above zero: write it in digits";

/** Zero is no limit. @param {number} most @returns {Check} */
const countUpTo = (most) => (text, name) =>
  text === "0"
    ? undefined
    : (count(text, name) ??
      (Number(text) <= most ? undefined : `is too many to be counted: give at most ${most}`));

/** What a plan may say at most (lib/domain/plan/set.ts); more is no limit that anybody would notice. */
export const mostRunsPerMonth = 1_000_000_000;
export const mostRunsPerMinute = 100_000;
export const runsPerMonth = countUpTo(mostRunsPerMonth);
export const runsPerMinute = countUpTo(mostRunsPerMinute);

/** @type {Check} */
export const waitMs = (text, name) =>
  count(text, name) ??
  (Number(text) <= maxTimerMs ? undefined : `is longer than a timer can wait: give at most ${maxTimerMs}`);

/** @type {Check} */
export const flag = (text) =>
  /^(0|1|true|false)$/.test(text) ? undefined : "is neither yes nor no: give 1 or 0";

/** @param {readonly string[]} values @returns {Check} */
export const choice = (values) => (text) =>
  values.includes(text)
    ? undefined
    : `is none of the choices: give ${values.join(", ").replace(/, (?=[^,]*$)/, " or ")}`;

/** @param {string} text */
const isWebAddress = (text) =>
  /^https?:\/\/[^\s]+$/i.test(text) && URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);

/** @type {Check} */
export const webAddress = (text, name) =>
  isWebAddress(text)
    ? undefined
    : `is no address: give one with http:// or https:// in front, e.g. ${name}=https://example.org`;

/** What lib/payloads/bucket.ts calls: a bucket by its path. @type {Check} */
export const bucket = (text, name) => {
  const url = isWebAddress(text) ? new URL(text) : undefined;
  const isOne =
    url && /^\/[^/]+\/?$/.test(url.pathname) && !url.username && !url.password && !/[?#]/.test(text);
  if (!isOne)
    return `is no address of a bucket: give the server and the bucket's name, e.g. ${name}=https://s3.eu-central-1.amazonaws.com/waybill`;
  return isPlainBeyondLoopback(text)
    ? "would send the key's signatures over the network in plain text: write https://"
    : undefined;
};

/** Smaller ones are searched where they lie, in the database (lib/domain/message/candidates.ts). */
const leastApartBytes = 16_384;

/** @type {Check} */
export const apartBytes = (text) =>
  text === "0" || (!count(text, "") && Number(text) >= leastApartBytes)
    ? undefined
    : `is no size for bodies to lie apart: give ${leastApartBytes} bytes or more, or 0 for none`;

/** @type {Check} */
export const origin = (text, name) => {
  const url = isWebAddress(text) ? new URL(text) : undefined;
  const isBare = url && url.pathname === "/" && !url.username && !url.password && !/[?#]/.test(text);
  return isBare
    ? undefined
    : `is no origin: give http:// or https:// and a host, with a port if need be and no path, e.g. ${name}=https://waybill.example.org`;
};

/** @type {Check} */
export const postgres = (text, name) => {
  // A password without a host is fine for PostgreSQL (`?host=` names the socket's folder) and not for URL.
  const isUsable = /^postgres(ql)?:\/\/\S+$/i.test(text) && URL.canParse(text.replace("@/", "@localhost/"));
  return isUsable
    ? undefined
    : `is no address of a PostgreSQL: give ${name}=postgres://user:password@host:5432/database, with special characters in the password percent-encoded`;
};

/** @type {Check} */
export const smtp = (text, name) =>
  /^smtps?:\/\/\S+$/i.test(text) && URL.canParse(text) && new URL(text).hostname !== ""
    ? undefined
    : `is no address of a mail server: give ${name}=smtp://user:password@host:587, or smtps:// for TLS from the start`;

/** @param {string} text */
const isSocketPath = (text) => /^unix:(\/\/(?=\/))?\/\S/.test(text);

/** @param {string} text */
const isPlainOrTls = (text) =>
  /^https?:\/\/\S+$/i.test(text) &&
  URL.canParse(text) &&
  new URL(text).hostname !== "" &&
  /^[/]$/.test(new URL(text).pathname) &&
  !/[?#@]/.test(text);

/**
 * The addresses of runners in a list with commas. A path may hold commas itself.
 * @param {string} text
 */
export const listedAddresses = (text) =>
  text
    .split(/,(?=\s*(?:unix|https?):|\s*$)/i)
    .map((entry) => entry.trim())
    .filter(Boolean);

/**
 * Whether what is sent to this address can be read on its way.
 * @param {string} url
 */
export const isPlainBeyondLoopback = (url) =>
  /^http:/i.test(url) && URL.canParse(url) && !isLoopback(new URL(url).hostname);

/** What lib/runner/address.ts reads. @type {Check} */
export const runnerAddresses = (text, name) => {
  const entries = listedAddresses(text);
  const wrong = entries.length === 0 ? text : entries.find((one) => !isSocketPath(one) && !isPlainOrTls(one));
  return wrong === undefined
    ? undefined
    : `${entries.length > 1 ? `holds "${wrong}", which ` : ""}is no address of a runner: give ${name}=unix:/path/to/socket, ${name}=https://host:port or, on this machine, ${name}=http://127.0.0.1:port`;
};

/** @type {Check} */
export const reachableAddress = (text, name) =>
  isPlainOrTls(text) && !isEveryInterface(new URL(text).hostname)
    ? undefined
    : `is no address that others reach a runner at: give ${name}=https://host:port`;

/** Listening there is listening everywhere; nobody can be reached there. @param {string} hostname */
export const isEveryInterface = (hostname) => /^(0\.0\.0\.0|\[?::\]?)$/.test(hostname);

/** What lib/runner/tls/fingerprint.ts reads. @type {Check} */
export const fingerprints = (text) => {
  const wrong = listed(text).find((one) => !/^([0-9a-f]{64}|([0-9a-f]{2}:){31}[0-9a-f]{2})$/i.test(one));
  return wrong === undefined
    ? undefined
    : "is no SHA-256 fingerprint of a certificate: give the 64 hexadecimal digits that the runner prints when it starts";
};

/** @type {Check} */
export const shownName = (text) =>
  /^[\x20-\x7e\u00a0-\uffff]{1,100}$/.test(text)
    ? undefined
    : "is no name: give at most 100 printable characters";

/** @type {Check} */
export const key = (text) =>
  text.length >= minKeyChars
    ? undefined
    : `has ${text.length} characters, and a key has ${minKeyChars} or more: make one with "openssl rand -base64 32"`;

/** @type {Check} */
export const keys = (text, name) => {
  const entries = listed(text);
  if (entries.length === 0) return 'holds no key: make one with "openssl rand -base64 32", or leave it out';
  return entries
    .map((entry) => key(entry, name))
    .find(Boolean)
    ?.replace(/^has/, "holds a key that has");
};

/** @type {Check} */
export const token = (text) =>
  /^[\x21-\x7e]+$/.test(text)
    ? undefined
    : 'holds a character that no HTTP header carries: make one with "openssl rand -hex 32"';

/** @type {Check} */
export const host = (text) =>
  /^[a-z0-9._-]+$/i.test(text) || isIpv6(text)
    ? undefined
    : "is no host: give 127.0.0.1 for this machine only, or 0.0.0.0 for everybody who can reach it";

/**
 * The parts of `host:port`, an IPv6 address in brackets.
 * @param {string} text
 */
export function addressOf(text) {
  const end = text.lastIndexOf(":");
  return { host: text.slice(0, end).replace(/^\[|\]$/g, ""), port: Number(text.slice(end + 1)) };
}

/** @type {Check} */
export const listenAddress = (text, name) => {
  const [, shown = "", digits = ""] = /^(\[[^\]]+\]|[^:]+):(\d{1,5})$/.exec(text) ?? [];
  const isUsable =
    shown && host(shown.replace(/^\[|\]$/g, ""), name) === undefined && port(digits, name) === undefined;
  return isUsable && Number(digits) > 0
    ? undefined
    : `is no address to listen at: give a host and a port, e.g. ${name}=0.0.0.0:9090`;
};

/** @type {Check} */
export const sender = (text, name) =>
  /^[^\s<>@]+@[^\s<>@]+$/.test(text) || /^[^<>\r\n]*<[^\s<>@]+@[^\s<>@]+>$/.test(text)
    ? undefined
    : `is no sender of mails: give ${name}="Waybill <waybill@example.org>"`;

/** @type {Check} */
export const mailbox = (text, name) =>
  /^[^\s<>@,]+@[^\s<>@,]+$/.test(text)
    ? undefined
    : `is no mailbox: give one address, e.g. ${name}=operator@example.org`;

/** @type {Check} */
export const webhookSecret = (text) =>
  /^whsec_[A-Za-z0-9+/]{32,100}={0,2}$/.test(text)
    ? undefined
    : 'is no secret of Standard Webhooks: give whsec_ and base64, made e.g. with "openssl rand -base64 32"';

/** @type {Check} */
export const inngestDev = (text, name) =>
  /^(0|1|true|false)$/.test(text) || isWebAddress(text)
    ? undefined
    : `is neither yes nor no: give ${name}=1, or the address of the dev server, e.g. ${name}=http://127.0.0.1:8288`;

/** What lib/net/egress-policy.ts reads. @type {Check} */
export const destinations = (text) => {
  const wrong = listed(text).find((entry) => !isDestination(entry));
  return wrong === undefined
    ? undefined
    : `holds "${wrong}", which is no host, host:port or CIDR: give e.g. 127.0.0.1, registry.local:8443 or 10.0.0.0/8, separated by commas`;
};

/** What lib/http/forwarded.ts reads. @type {Check} */
export const proxies = (text, name) => {
  const entries = listed(text);
  if (entries.includes("none") && entries.length > 1)
    return 'holds "none" beside others: give one or the other';
  const wrong = entries.find((entry) => !/^(none|loopback)$/.test(entry) && !isPlace(entry));
  return wrong === undefined
    ? undefined
    : `holds "${wrong}", which is no address or CIDR: give the addresses that your proxies connect from, e.g. ${name}=loopback,10.0.0.0/8`;
};

/** @param {string} text */
const isPlace = (text) => isIpv4(text) || isIpv6(text) || isCidr(text);

/** The entries of a list that is written with commas. @param {string} text */
export const listed = (text) =>
  text
    .split(",")
    .map((entry) => entry.trim())
    .filter(Boolean);

/** @param {string} text */
const isIpv4 = (text) =>
  /^(\d{1,3}\.){3}\d{1,3}$/.test(text) &&
  text.split(".").every((part) => String(Number(part)) === part && Number(part) < 256);
/** @param {string} text */
const isIpv6 = (text) => {
  const address = text.replace(/%[a-z0-9._-]+$/i, "");
  return /^[0-9a-f:.]*:[0-9a-f:.]*$/i.test(address) && URL.canParse(`http://[${address}]`);
};

/** @param {string} text */
const isCidr = (text) => {
  const [, address = "", prefix = ""] = /^([0-9a-f.:]+)\/(\d{1,3})$/i.exec(text) ?? [];
  return (isIpv4(address) && Number(prefix) <= 32) || (isIpv6(address) && Number(prefix) <= 128);
};

/** @param {string} text */
function isDestination(text) {
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(text);
  const plain = /^([^:]+)(?::(\d+))?$/.exec(text);
  const place = bracketed?.[1] ?? plain?.[1] ?? text;
  const given = bracketed?.[2] ?? plain?.[2];
  const isPlace = isCidr(place) || isIpv6(place) || /^[a-z0-9._-]{1,253}$/i.test(place);
  return (
    isPlace &&
    (given === undefined || (/^\d{1,5}$/.test(given) && Number(given) > 0 && Number(given) < 65_536))
  );
}
