import fs from "node:fs";
import path from "node:path";
import { errorCode } from "@/lib/error-code";
import { type KeyPair, makeCertificate, neverEnds } from "./certificate";

const dayMs = 86_400_000;

/**
 * The certificate that a runner without one makes for itself, once: whoever has pinned it goes on knowing it. It is kept
 * in `file`, readable by this user alone. `hosts` are what it stands for beside its fingerprint. Throws a sentence when
 * the file is there and cannot be used.
 */
export function ownCertificate(file: string, { name, hosts }: { name: string; hosts: string[] }): KeyPair {
  const kept = readKept(file);
  if (kept) return kept;
  const validFrom = new Date(Date.now() - dayMs);
  const made = makeCertificate({ name, hosts, validFrom, validTo: neverEnds });
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const draft = `${file}.new`;
  fs.rmSync(draft, { force: true });
  fs.writeFileSync(draft, made.cert + made.key, { mode: 0o600, flag: "wx" });
  fs.renameSync(draft, file);
  return made;
}

const pemParts =
  /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n|-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----\n/g;

function readKept(file: string): KeyPair | null {
  let text: string;
  try {
    text = fs.readFileSync(file, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw error;
  }
  const [cert, key] = text.match(pemParts) ?? [];
  if (!cert || !key)
    throw new Error(
      `${file} is damaged. Put it back, or delete it: then a new certificate is made, whose fingerprint the callers need.`,
    );
  return { cert, key };
}
