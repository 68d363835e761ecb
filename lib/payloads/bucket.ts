import { AwsClient } from "aws4fetch";
import { type Env, env } from "@/lib/env";

/** Where objects lie, and how large a body must be to go there; null: none goes any more. */
export type Bucket = {
  /** Resolves once the storage has said that the object is stored. */
  put(name: string, bytes: Uint8Array): Promise<void>;
  /** Null when there is no such object. */
  get(name: string): Promise<Uint8Array<ArrayBuffer> | null>;
  /** There is no such object any more. */
  remove(name: string): Promise<void>;
  aboveBytes: number | null;
};

/** What the storage did not do. The sentence holds no secret. */
export class BucketError extends Error {
  override name = "BucketError";
}

/** How long the storage has for one object, its bytes included. */
const objectMs = 20_000;

let made: { from: Env; bucket: Bucket | null } | undefined;

/** The bucket that the settings name, one a process; null where none is. */
export function bucket(): Bucket | null {
  if (made?.from !== env()) made = { from: env(), bucket: bucketOf(env()) };
  return made.bucket;
}

/** A bucket of S3-compatible storage, by its path: what every such server has. */
export function bucketOf(settings: Env): Bucket | null {
  const { PAYLOADS_URL: url, PAYLOADS_REGION: region, PAYLOADS_ABOVE_BYTES: above } = settings;
  const { PAYLOADS_ACCESS_KEY: accessKeyId, PAYLOADS_SECRET_KEY: secretAccessKey } = settings;
  if (!url || !accessKeyId || !secretAccessKey) return null;
  const client = new AwsClient({ accessKeyId, secretAccessKey, region, service: "s3", retries: 0 });
  const base = url.replace(/\/+$/, "");

  async function ask(method: "PUT" | "GET" | "DELETE", name: string, body?: Uint8Array): Promise<Response> {
    // The digest is signed: the storage itself sees whether these are the bytes that were sent.
    const headers = { "x-amz-content-sha256": await sha256(body ?? new Uint8Array()) };
    try {
      const signed = await client.sign(`${base}/${name}`, {
        method,
        headers,
        ...(body ? { body: Buffer.from(body) } : {}),
      });
      return await fetch(signed, { signal: AbortSignal.timeout(objectMs), redirect: "error" });
    } catch (error) {
      const why = error instanceof Error && error.name === "TimeoutError" ? "in time" : "at all";
      throw new BucketError(`The storage for payloads does not answer ${why}.`, { cause: error });
    }
  }

  return {
    aboveBytes: above === 0 ? null : above,
    async put(name, bytes) {
      const answer = await ask("PUT", name, bytes);
      await answer.body?.cancel();
      if (!answer.ok) throw refused("PUT", answer);
    },
    async get(name) {
      const answer = await ask("GET", name);
      if (answer.ok)
        return new Uint8Array(
          await answer.arrayBuffer().catch((cause) => {
            throw new BucketError("The storage for payloads broke off its answer.", { cause });
          }),
        );
      if (await isMissing(answer)) return null;
      throw refused("GET", answer);
    },
    async remove(name) {
      const answer = await ask("DELETE", name);
      if (!answer.ok && !(await isMissing(answer))) throw refused("DELETE", answer);
      if (!answer.bodyUsed) await answer.body?.cancel();
    },
  };
}

/** Whether there is no such object; that there is no such bucket is 404, too. */
const isMissing = async (answer: Response): Promise<boolean> =>
  answer.status === 404 && (await answer.text()).includes("NoSuchKey");

const refused = (method: string, { status }: Response) =>
  new BucketError(`The storage for payloads answers ${method} with ${status}.`);

const sha256 = async (bytes: Uint8Array): Promise<string> =>
  Buffer.from(await crypto.subtle.digest("SHA-256", Buffer.from(bytes))).toString("hex");
