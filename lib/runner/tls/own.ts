import { randomUUID } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { errorCode } from "@/lib/error-code";
import { type KeyPair, makeCertificate, neverEnds } from "./certificate";

const dayMs = 86_400_000;

/**
 * The certificate that a runner without one makes for itself, once: whoever has pinned it goes on knowing it. It is kept
 * in `file`, readable by this user alone. `hosts` are what it stands for beside its fingerprint. Of several that make one
 * at the same time all get the one that was kept first. Throws a sentence when the file is there and cannot be used.
 */
export async function ownCertificate(
  file: string,
  { name, hosts }: { name: string; hosts: string[] },
): Promise<KeyPair> {
  const kept = readKept(file);
  if (kept) return kept;
  const validFrom = new Date(Date.now() - dayMs);
  const made = await makeCertificate({ name, hosts, validFrom, validTo: neverEnds });
  return keep(file, made) ? made : ownCertificate(file, { name, hosts });
}

/** Puts the pair in `file` whole; says whether there was none before. */
function keep(file: string, { cert, key }: KeyPair): boolean {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const draft = `${file}.${randomUUID()}`;
  fs.writeFileSync(draft, cert + key, { mode: 0o600, flag: "wx" });
  try {
    fs.linkSync(draft, file);
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw error;
  } finally {
    fs.rmSync(draft, { force: true });
  }
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
