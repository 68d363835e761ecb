// @ts-check
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { codeOf } from "./failure.mjs";

/** Length and code of PostgreSQL's request for TLS: the one question that a server answers before who asks is known. */
const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/** Less than one segment of PostgreSQL's log: what writes, ends. */
const leastBytes = 20_000_000;

/**
 * Where the server of a connection string listens, or null when that is neither host and port nor the folder of a socket.
 * @param {string} url
 * @returns {{ host: string, port: number } | { path: string } | null}
 */
export function placeOf(url) {
  if (!URL.canParse(url)) return null;
  const { hostname, port, searchParams } = new URL(url);
  const named = searchParams.get("host");
  if (named?.startsWith("/") && !searchParams.has("port"))
    return { path: path.join(named, `.s.PGSQL.${port || 5432}`) };
  if (!hostname || named !== null) return null;
  return { host: decodeURIComponent(hostname).replace(/^\[|\]$/g, ""), port: Number(port) || 5432 };
}

/**
 * Whether a PostgreSQL answers there, by whatever word: connecting alone is the kernel's doing, also for a server that
 * stands still. Needs no account.
 * @param {{ host: string, port: number } | { path: string }} place
 * @param {number} [timeoutMs]
 * @returns {Promise<boolean>}
 */
export const answersPostgres = (place, timeoutMs = 2_000) =>
  new Promise((resolve) => {
    const socket = net.connect(place, () => socket.write(sslRequest));
    /** @param {boolean} isThere */
    const settle = (isThere) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(isThere);
    };
    const timer = setTimeout(() => settle(false), timeoutMs);
    socket.once("data", () => settle(true));
    socket.on("error", () => settle(false));
    socket.once("close", () => settle(false));
  });

/**
 * What keeps anybody from writing into the data directory, in words that follow "because", or null.
 * @param {string} dir
 * @returns {string | null}
 */
export function diskTrouble(dir) {
  try {
    fs.accessSync(dir, fs.constants.W_OK);
    const { bavail, bsize, ffree, files } = fs.statfsSync(dir);
    if (bavail * bsize < leastBytes || (files > 0 && ffree === 0)) return `the disk of ${dir} is full`;
    return null;
  } catch (error) {
    return `${dir} cannot be written (${codeOf(error) ?? "unknown"})`;
  }
}

/**
 * What a process of ours cannot go on without and is away at the moment, in words that follow "because", or null.
 * @param {{ dataDir: string | undefined, databaseUrl?: string | undefined }} needs
 * @returns {Promise<string | null>}
 */
export async function whatIsAway({ dataDir, databaseUrl }) {
  const trouble = dataDir ? diskTrouble(dataDir) : null;
  if (trouble) return trouble;
  const place = databaseUrl ? placeOf(databaseUrl) : null;
  return place && !(await answersPostgres(place)) ? "the database is away" : null;
}
