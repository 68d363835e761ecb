import { env } from "@/lib/env";
import { LruMap } from "@/lib/lru-map";
import { redact, redactionKey } from "./redaction";

const keys = new LruMap<string, Promise<CryptoKey>>(1_000);

/**
 * What stands in a project's messages where this text was redacted at intake (lib/redaction): whoever looks for the text
 * finds it by that. Throws when SECRET_KEY is unset.
 */
export async function redactedForm(projectId: string, text: string): Promise<string> {
  const secret = env().SECRET_KEY;
  if (!secret) throw new Error("SECRET_KEY is not set: start Waybill with `npm start`, which makes one.");
  return redact(await keys.getOrMake(`${secret} ${projectId}`, () => redactionKey(secret, projectId)), text);
}
