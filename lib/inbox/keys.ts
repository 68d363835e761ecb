import { digestKey } from "./digest";
import { sealingKey } from "./sealed";

/** What the inbox checks senders with. */
export type InboxKeys = {
  /** Key material of the digests that credentials are compared by. */
  digestKey: CryptoKey;
  /** Opens the secrets that senders sign with. */
  sealingKey: CryptoKey;
};

/** The inbox's keys, each of its own purpose, from SECRET_KEY. */
export async function inboxKeys(secretKey: string): Promise<InboxKeys> {
  return { digestKey: await digestKey(secretKey), sealingKey: await sealingKey(secretKey) };
}
