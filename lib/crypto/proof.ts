import { createHmac } from "node:crypto";
import type { KeyPurpose } from "@/lib/words";
import { keyring } from "./envelope";
import { deriveKey, type Key, named } from "./keys";

/** Shows that somebody has a key, and which, to who has the key. */
export type KeyProof = { fingerprint: string; digest: string };

const proofOf = ({ id, bytes }: Key): KeyProof => ({
  fingerprint: id,
  digest: createHmac("sha256", bytes).update("waybill key proof").digest("hex"),
});

/** Proofs of the configured keys, the newest first. Throws when SECRET_KEY is unset. */
export const configuredProofs = (): Record<KeyPurpose, KeyProof[]> => ({
  secret: [proofOf(named(deriveKey("key proof")))],
  credential: keyring().map(proofOf),
});
