import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";
import { open, seal } from "@/lib/crypto/envelope";
import { deriveKey } from "@/lib/crypto/keys";
import { GoneError } from "@/lib/state/kept";

/** A payload's row as far as its object goes by it. */
export type PayloadRow = { id: string; projectId: string; digest: Uint8Array; sealedKey: string };

const version = 1;
const ivBytes = 12;
const tagBytes = 16;

/** What an object's key is sealed for: it opens for its project alone. */
export const payloadContext = (projectId: string): string => `payload:${projectId}`;

/** A new object's own key, as it is stored. */
export const newSealedKey = (projectId: string): string =>
  seal(randomBytes(32).toString("base64"), payloadContext(projectId));

/** What a content is known by in its project. Of another project, or without SECRET_KEY, nobody can tell what has it. */
export const digestOf = (projectId: string, bytes: Uint8Array): Buffer =>
  createHmac("sha256", deriveKey(`payloads ${projectId}`))
    .update(bytes)
    .digest();

export const nameOf = ({ id, projectId, digest }: PayloadRow): string =>
  `${projectId}/${Buffer.from(digest).toString("hex")}-${id}`;

/** Encrypts a content (AES-256-GCM). It opens again only as the same payload. */
export function sealBytes(row: PayloadRow, bytes: Uint8Array): Buffer {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv("aes-256-gcm", keyOf(row), iv).setAAD(Buffer.from(nameOf(row)));
  const data = [cipher.update(bytes), cipher.final()];
  return Buffer.concat([Buffer.of(version), iv, ...data, cipher.getAuthTag()]);
}

/** The content of an object. Throws `GoneError` when it was changed or is another payload's, else when its key does not open. */
export function openBytes(row: PayloadRow, object: Uint8Array): Buffer {
  const key = keyOf(row);
  if (object[0] !== version || object.length < 1 + ivBytes + tagBytes) throw changed();
  const decipher = createDecipheriv("aes-256-gcm", key, object.subarray(1, 1 + ivBytes))
    .setAAD(Buffer.from(nameOf(row)))
    .setAuthTag(object.subarray(object.length - tagBytes));
  const data = object.subarray(1 + ivBytes, object.length - tagBytes);
  try {
    return Buffer.concat([decipher.update(data), decipher.final()]);
  } catch {
    throw changed();
  }
}

const changed = () =>
  new GoneError("What the storage for payloads has in the place of its body is something else.");

const keyOf = ({ projectId, sealedKey }: PayloadRow): Buffer =>
  Buffer.from(open(sealedKey, payloadContext(projectId)), "base64");
