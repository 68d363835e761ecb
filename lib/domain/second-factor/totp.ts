import { Secret, TOTP } from "otpauth";

const periodSeconds = 30;
const secretBytes = 20;

const totp = (secret: string, email = "") =>
  new TOTP({
    issuer: "Waybill",
    label: email,
    algorithm: "SHA1",
    digits: 6,
    period: periodSeconds,
    secret: Secret.fromBase32(secret),
  });

/** A new secret, in base32. */
export const newSecret = (): string => new Secret({ size: secretBytes }).base32;

/** What the QR code holds: the secret, and whose it is, as apps show it. */
export const uriOf = (secret: string, email: string): string => totp(secret, email).toString();

/** The time step that six digits belong to, one step early or late at most; null when they are not right. */
export function stepOf(secret: string, digits: string, now = Date.now()): number | null {
  const delta = totp(secret).validate({ token: digits, timestamp: now, window: 1 });
  return delta === null ? null : Math.floor(now / 1000 / periodSeconds) + delta;
}

/** The digits of a moment. */
export const digitsAt = (secret: string, now = Date.now()): string =>
  totp(secret).generate({ timestamp: now });
