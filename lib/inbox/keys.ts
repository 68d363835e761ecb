import { redactionKey } from "@/lib/crypto/redaction";
import { LruMap } from "@/lib/lru-map";
import { digestKey } from "./digest";
import { sealingKey } from "./sealed";

/** What the inbox checks senders with, and redacts what they send. */
export type InboxKeys = {
  /** Key material of the digests that credentials are compared by. */
  digestKey: CryptoKey;
  /** Opens the secrets that senders sign with. */
  sealingKey: CryptoKey;
  /** The key of a project's redactions. */
  redactionKey(projectId: string): Promise<CryptoKey>;
};

/** Projects whose key is kept. */
const maxKept = 1_000;

/** The inbox's keys, each of its own purpose, from SECRET_KEY. */
export async function inboxKeys(secretKey: string): Promise<InboxKeys> {
  const kept = new LruMap<string, Promise<CryptoKey>>(maxKept);
  return {
    digestKey: await digestKey(secretKey),
    sealingKey: await sealingKey(secretKey),
    redactionKey: (projectId) => kept.getOrMake(projectId, () => redactionKey(secretKey, projectId)),
  };
}
