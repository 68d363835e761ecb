import { X509Certificate } from "node:crypto";

/** SHA-256 of a certificate as OpenSSL writes it: pairs of capitals with colons. `certificate` is PEM or DER. */
export const fingerprintOf = (certificate: string | Buffer): string =>
  new X509Certificate(certificate).fingerprint256;

/** The same of a text in digits of either case, with or without colons. */
export const asFingerprint = (text: string): string =>
  (text.replaceAll(":", "").toUpperCase().match(/../g) ?? []).join(":");
