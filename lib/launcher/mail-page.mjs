// @ts-check
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { mailModeOf } from "../settings/mail-mode.mjs";
import { readValues } from "../settings/read.mjs";
import { codeOf } from "./failure.mjs";

const keyBytes = 18;

/**
 * The secret part of the local mail page's address, made once into `mail-page` of the data directory; undefined where
 * there is no such page. Deleting the file makes a new one at the next start.
 * @param {string} dataDir
 * @param {import("./environment.mjs").Variables} [env]
 * @returns {string | undefined}
 */
export function mailPageKey(dataDir, env = process.env) {
  if (mailModeOf(readValues(env)) !== "local") return undefined;
  const file = path.join(dataDir, "mail-page");
  try {
    const key = fs.readFileSync(file, "utf8").trim();
    if (key) return key;
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
  const key = randomBytes(keyBytes).toString("base64url");
  fs.writeFileSync(`${file}.new`, `${key}\n`, { mode: 0o600 });
  fs.renameSync(`${file}.new`, file);
  return key;
}

/**
 * The lines of a start that name the mail page; empty where there is none.
 * @param {string} url
 * @param {string | undefined} key
 */
export const mailLines = (url, key) =>
  key ? `  Mail      ${url}/mail/${key}  (sign-in links, as no SMTP_URL is set)\n` : "";
