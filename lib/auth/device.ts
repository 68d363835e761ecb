import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { deriveKey } from "@/lib/crypto/keys";
import { readCookie, sessionCookie } from "./cookie";

/** Accounts that one browser is known for: people share machines. */
const maxAccounts = 4;
const maxAgeSeconds = 365 * 86_400;

const cookieName = (): string => sessionCookie().name.replace("session", "device");

const proofOf = (device: string, account: string): Buffer =>
  createHmac("sha256", deriveKey("devices")).update(`${device}:${account}`).digest();

const entriesIn = (cookies: string | null): string[] =>
  (readCookie(cookies, cookieName()) ?? "")
    .split("~")
    .filter((entry) => /^[\w-]{16}\.[\w-]{43}$/.test(entry))
    .slice(0, maxAccounts);

const isProof = (entry: string, account: string): boolean => {
  const [device = "", proof = ""] = entry.split(".");
  const given = Buffer.from(proof, "base64url");
  const want = proofOf(device, account);
  return given.length === want.length && timingSafeEqual(given, want);
};

/**
 * The id of a browser that has signed in to the account (an e-mail address) before, from a `Cookie` header; undefined
 * for any other. It lets nobody in: its guesses are counted apart from those of strangers.
 */
export function knownDevice(cookies: string | null, email: string): string | undefined {
  const account = email.trim().toLowerCase();
  return entriesIn(cookies)
    .find((entry) => isProof(entry, account))
    ?.split(".")[0];
}

/** The `Set-Cookie` that makes this browser known for one account more. It tells nobody which ones these are. */
export function deviceCookie(cookies: string | null, email: string): string {
  const account = email.trim().toLowerCase();
  const device = randomBytes(12).toString("base64url");
  const entry = `${device}.${proofOf(device, account).toString("base64url")}`;
  const others = entriesIn(cookies).filter((other) => !isProof(other, account));
  const value = [entry, ...others].slice(0, maxAccounts).join("~");
  const flags = `Path=/api; HttpOnly; SameSite=Lax; Max-Age=${maxAgeSeconds}`;
  return `${cookieName()}=${value}; ${flags}${sessionCookie().options.secure ? "; Secure" : ""}`;
}
