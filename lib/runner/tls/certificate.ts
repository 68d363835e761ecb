import { Buffer } from "node:buffer";
import crypto, { type KeyObject } from "node:crypto";
import { isIP } from "node:net";
import { ascii, bits, field, identifier, integer, moment, octets, sequence, set, truth, utf8 } from "./der";

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

/** A certificate for TLS, with a new key on P-256. */
export function makeCertificate(options: CertificateOptions): KeyPair {
  const { privateKey, publicKey } = crypto.generateKeyPairSync("ec", { namedCurve: "P-256" });
  const signer = options.issuer ? crypto.createPrivateKey(options.issuer.key) : privateKey;
  const body = unsigned(options, publicKey);
  const signature = crypto.sign("sha256", body, signer);
  const whole = sequence(body, ecdsaWithSha256, bits(signature));
  return {
    cert: pem("CERTIFICATE", whole),
    key: String(privateKey.export({ type: "pkcs8", format: "pem" })),
  };
}

const ecdsaWithSha256 = sequence(identifier("1.2.840.10045.4.3.2"));
const version3 = field(0)(integer(2));

function unsigned(
  { name, hosts = [], issuer, isAuthority = false, validFrom, validTo }: CertificateOptions,
  publicKey: KeyObject,
) {
  const extensions = [
    extension("2.5.29.19", isAuthority ? sequence(truth()) : sequence()),
    // To sign with, and for an authority to sign certificates with.
    extension("2.5.29.15", isAuthority ? bits(Buffer.from([0x84]), 2) : bits(Buffer.from([0x80]), 7)),
    ...(isAuthority ? [] : [extension("2.5.29.37", sequence(...forBothEnds))]),
    ...(hosts.length > 0 ? [extension("2.5.29.17", sequence(...hosts.map(hostName)))] : []),
  ];
  return sequence(
    version3,
    integer(serial()),
    ecdsaWithSha256,
    nameOf(issuer?.name ?? name),
    sequence(moment(validFrom), moment(validTo)),
    nameOf(name),
    Buffer.from(publicKey.export({ type: "spki", format: "der" })),
    field(3)(sequence(...extensions)),
  );
}

/** Of a server and of a client. */
const forBothEnds = [identifier("1.3.6.1.5.5.7.3.1"), identifier("1.3.6.1.5.5.7.3.2")];

const critical = new Set(["2.5.29.19", "2.5.29.15"]);
const extension = (id: string, value: Buffer): Buffer =>
  sequence(identifier(id), ...(critical.has(id) ? [truth()] : []), octets(value));

const nameOf = (text: string): Buffer => sequence(set(sequence(identifier("2.5.4.3"), utf8(text))));

const hostName = (host: string): Buffer =>
  isIP(host) ? field(7, true)(addressBytes(host)) : field(2, true)(ascii(host));

function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split(".").map(Number));
  // A URL writes an address in its shortest form, in hexadecimal: `::` is filled up here.
  const [head = "", tail = ""] = new URL(`http://[${address}]`).hostname.slice(1, -1).split("::");
  const groups = (part: string) => part.split(":").filter(Boolean);
  const missing = 8 - groups(head).length - groups(tail).length;
  const all = [...groups(head), ...Array<string>(missing).fill("0"), ...groups(tail)];
  return Buffer.concat(all.map((group) => Buffer.from(group.padStart(4, "0"), "hex")));
}

/** Positive, and never the same twice. */
function serial(): Buffer {
  const bytes = crypto.randomBytes(16);
  bytes[0] = 0x40 | ((bytes[0] ?? 0) & 0x3f);
  return bytes;
}

const pem = (label: string, bytes: Buffer): string =>
  `-----BEGIN ${label}-----\n${bytes.toString("base64").replace(/.{1,64}/g, "$&\n")}-----END ${label}-----\n`;
