import { createHmac, timingSafeEqual } from "node:crypto";
import { deriveKey } from "@/lib/crypto/keys";
import { type StopKind, stopKinds } from "@/lib/words";

/** Whose notices of which project a link stops, and which. */
export type StopClaim = { userId: string; projectId: string; kind: StopKind };

const idBytes = 16;
const macBytes = 16;
const claimBytes = 2 * idBytes + 1;

/**
 * The token in a notice's link: who has it may stop what it names and begin it again, without signing in, and nothing else. It
 * lasts as long as the membership, because mails are read late. No table: it is signed.
 */
export function stopToken({ userId, projectId, kind }: StopClaim): string {
  const claim = Buffer.concat([idOf(userId), idOf(projectId), Buffer.from([stopKinds.indexOf(kind)])]);
  return Buffer.concat([claim, mac(claim)]).toString("base64url");
}

/** What a token names; null for one that is not ours, or was changed. */
export function stopClaim(token: string): StopClaim | null {
  const bytes = Buffer.from(token, "base64url");
  if (bytes.length !== claimBytes + macBytes || bytes.toString("base64url") !== token) return null;
  const claim = bytes.subarray(0, claimBytes);
  if (!timingSafeEqual(bytes.subarray(claimBytes), mac(claim))) return null;
  const kind = stopKinds[claim[claimBytes - 1] ?? stopKinds.length];
  if (!kind) return null;
  return {
    userId: uuidOf(claim.subarray(0, idBytes)),
    projectId: uuidOf(claim.subarray(idBytes, 2 * idBytes)),
    kind,
  };
}

const mac = (claim: Buffer): Buffer =>
  createHmac("sha256", deriveKey("stop a notice")).update(claim).digest().subarray(0, macBytes);

const idOf = (uuid: string): Buffer => Buffer.from(uuid.replaceAll("-", ""), "hex");
const uuidOf = (bytes: Buffer): string =>
  bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
