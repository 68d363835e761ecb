// @ts-check
import { isIPv6 } from "node:net";
import { addressOf, destinations, listed, listedAddresses } from "../settings/checks.mjs";

/** @typedef {import("./environment.mjs").Variables} Variables */

/** @type {Record<string, string>} */
const usualPorts = { "http:": "80", "https:": "443", "postgres:": "5432", "postgresql:": "5432" };

/** @param {string} host @param {string} port */
const place = (host, port) => `${isIPv6(host) ? `[${host}]` : host}:${port}`;

/** @param {string | undefined} text @returns {string[]} */
function placeOf(text) {
  if (!text || !URL.canParse(text)) return [];
  const url = new URL(text);
  const usual = usualPorts[url.protocol];
  return usual ? [place(url.hostname, url.port || usual)] : [];
}

/**
 * A PostgreSQL that is named by its socket listens on the machine's port all the same.
 * @param {string | undefined} text
 */
function databasePlace(text) {
  const address = text?.replace("@/", "@localhost/");
  if (!address || !URL.canParse(address)) return [];
  const url = new URL(address);
  const host = url.searchParams.get("host") ?? url.hostname;
  const port = url.searchParams.get("port") ?? (url.port || "5432");
  const isSocket = host === "" || /^(\/|%2f)/i.test(host);
  return [place(isSocket ? "localhost" : host, port)];
}

const probeNames = ["INBOX", "WEB", "ENGINE", "RUNNER"].map((role) => `${role}_PROBE_ADDRESS`);

/** @param {Variables} env @returns {string[]} */
const probePlaces = (env) =>
  probeNames.flatMap((name) => {
    const text = env[name];
    if (!text) return [];
    const { host, port } = addressOf(text);
    return [place(host, String(port))];
  });

/** @param {string | undefined} text */
const devServer = (text) =>
  !text || text === "0" || text === "false"
    ? []
    : placeOf(text.includes(":") ? text : "http://localhost:8288");

/**
 * Where Waybill itself listens and what it lives on, as `host:port`, as far as an environment tells: web server, public
 * address, database, runners, Inngest server and where probes are answered. No password is in it.
 * @param {Variables} env
 * @returns {string[]}
 */
export function ownPlaces(env) {
  const places = [
    ...(env.PORT ? [place(env.HOST || "127.0.0.1", env.PORT)] : []),
    ...placeOf(env.PUBLIC_URL),
    ...databasePlace(env.DATABASE_URL),
    ...databasePlace(env.DATABASE_DIRECT_URL),
    ...listedAddresses(env.RUNNER_URL ?? "").flatMap(placeOf),
    ...placeOf(env.RUNNER_ADDRESS),
    ...placeOf(env.RUNNER_REGISTER_AT),
    ...placeOf(env.INNGEST_BASE_URL),
    ...devServer(env.INNGEST_DEV),
    ...probePlaces(env),
  ];
  return [...new Set(places)].filter((one) => destinations(one, "EGRESS_DENY") === undefined);
}

/**
 * EGRESS_DENY as the processes are told it: what the operator denies, and Waybill's own places.
 * @param {Variables} env
 * @returns {string}
 */
export const deniedPlaces = (env) => [...listed(env.EGRESS_DENY ?? ""), ...ownPlaces(env)].join(",");
