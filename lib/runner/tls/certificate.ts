import { KeyObject, webcrypto } from "node:crypto";
import { isIP } from "node:net";

/** A certificate and its private key, PEM. */
export type KeyPair = { cert: string; key: string };

export type CertificateOptions = {
  /** What it is called. */
  name: string;
  /** Host names and addresses that it stands for. */
  hosts?: string[];
  /** Who signs it; itself when absent. */
  issuer?: KeyPair & { name: string };
  /** It may sign others. */
  isAuthority?: boolean;
  validFrom: Date;
  validTo: Date;
};

/** RFC 5280's date for what has no well-defined end. */
export const neverEnds = new Date("9999-12-31T23:59:59Z");

const onP256 = { name: "ECDSA", namedCurve: "P-256" };

/** A certificate for TLS, with a new key on P-256. Throws when a host is none that a certificate can stand for. */
export async function makeCertificate(options: CertificateOptions): Promise<KeyPair> {
  // Here, not above: few lives of a runner make one, and the library takes time and memory to load.
  const x509 = await import("@peculiar/x509");
  const { name, hosts = [], issuer, isAuthority = false, validFrom, validTo } = options;
  const { privateKey, publicKey } = await webcrypto.subtle.generateKey(onP256, true, ["sign", "verify"]);
  const { KeyUsageFlags: usage, ExtendedKeyUsage: purpose } = x509;
  // As a value, not as text, whose commas and signs would mean something.
  const nameOf = (text: string) => new x509.Name([{ CN: [{ utf8String: text }] }]);
  const certificate = await x509.X509CertificateGenerator.create({
    subject: nameOf(name),
    issuer: nameOf(issuer?.name ?? name),
    notBefore: validFrom,
    notAfter: validTo,
    publicKey,
    signingKey: issuer ? await signingKey(x509.PemConverter.decodeFirst(issuer.key)) : privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(isAuthority, undefined, true),
      new x509.KeyUsagesExtension(usage.digitalSignature | (isAuthority ? usage.keyCertSign : 0), true),
      ...(isAuthority ? [] : [new x509.ExtendedKeyUsageExtension([purpose.serverAuth, purpose.clientAuth])]),
      ...(hosts.length > 0 ? [new x509.SubjectAlternativeNameExtension(hosts.map(hostName))] : []),
    ],
  });
  const key = KeyObject.from(privateKey).export({ type: "pkcs8", format: "pem" });
  return { cert: `${certificate.toString("pem")}\n`, key: String(key) };
}

const signingKey = (pkcs8: ArrayBuffer): Promise<webcrypto.CryptoKey> =>
  webcrypto.subtle.importKey("pkcs8", pkcs8, onP256, false, ["sign"]);

const hostName = (host: string) =>
  isIP(host) ? { type: "ip" as const, value: plainAddress(host) } : { type: "dns" as const, value: host };

/** The library does not know `::ffff:1.2.3.4`; a URL writes such an address in hexadecimal. */
const plainAddress = (address: string): string =>
  isIP(address) === 4 ? address : new URL(`http://[${address}]`).hostname.slice(1, -1);
