import crypto from "node:crypto";
import type { KnownLife } from "./fleet/book";

/** What a runner says of itself where it registers. `at` is milliseconds since the epoch. */
export type Registration = KnownLife & { at: number };
export type SealedRegistration = Registration & { seal: string };

/** How far the clocks of a runner and of who it registers with may be apart. */
export const toleranceMs = 5 * 60_000;

/**
 * Proves that whoever wrote it has the runners' token, without showing it: it may pass anybody on its way, and who reads
 * it can neither call a runner nor register one of his own.
 */
export function sealRegistration(token: string, registration: Registration): SealedRegistration {
  return { ...registration, seal: sealOf(token, registration) };
}

/** Whether the seal is of this token, over these words, and of about now. */
export function isSealed(token: string, { seal, ...registration }: SealedRegistration, now: number): boolean {
  const expected = Buffer.from(sealOf(token, registration));
  const given = Buffer.from(seal);
  const isOurs = given.length === expected.length && crypto.timingSafeEqual(given, expected);
  return isOurs && Math.abs(now - registration.at) <= toleranceMs;
}

function sealOf(token: string, registration: Registration): string {
  const { id, name, address, fingerprint, capacity, isDraining, at } = registration;
  const key = crypto.hkdfSync("sha256", token, "", "waybill runner registration", 32);
  return crypto
    .createHmac("sha256", Buffer.from(key))
    .update(JSON.stringify([id, name, address, fingerprint, capacity, isDraining, at]))
    .digest("hex");
}
