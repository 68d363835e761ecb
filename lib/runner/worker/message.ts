import { Buffer } from "node:buffer";
import type { RunHeader } from "@/lib/runner/protocol/messages";
import { builtin } from "./builtin";

type Bytes = string | Uint8Array;

const noMessage =
  "There are no bytes: this run was not started by a message, or its message is no longer kept.";
const algorithms = ["md5", "sha1", "sha256", "sha384", "sha512"];

/**
 * What a job has besides OpenFn's language: `bytesOf(state.request.rawBody)` and `bytesOf(state.data.photo)` are the
 * bytes that such a reference in the state stands for; `hmac` and `sameBytes` check what a sender signed.
 */
export function messageFunctions(message: RunHeader["message"], bytes: Buffer) {
  const body = bytes.subarray(0, message?.bodyBytes ?? 0);
  const plain = message?.plainBytes ? bytes.subarray(body.length) : body;

  function bytesOf(reference: unknown): Buffer {
    if (!message) throw new Error(noMessage);
    const file: unknown =
      typeof reference === "object" && reference ? Reflect.get(reference, "file") : undefined;
    if (file === "body") return Buffer.from(body);
    const part = typeof file === "number" ? message.files[file] : undefined;
    if (!part)
      throw new Error(
        "bytesOf takes state.request.rawBody, or a file of the message: { name, type, size, file }.",
      );
    const content = plain.subarray(part.start, part.end);
    return part.isBase64 ? Buffer.from(content.toString("latin1"), "base64") : Buffer.from(content);
  }

  function hmac(algorithm: string, secret: Bytes, data: Bytes, encoding: BufferEncoding = "hex"): string {
    if (!algorithms.includes(algorithm)) throw new Error(`hmac takes one of ${algorithms.join(", ")}.`);
    return crypto()
      .createHmac(algorithm, secret)
      .update(data)
      .digest(encoding as "hex");
  }

  /** Takes as long wherever they differ, so that nobody can find a signature byte by byte. */
  function sameBytes(one: Bytes, other: Bytes): boolean {
    const [a, b] = [Buffer.from(one as string), Buffer.from(other as string)];
    return a.length === b.length && crypto().timingSafeEqual(a, b);
  }

  return { bytesOf, hmac, sameBytes };
}

const crypto = () => builtin<typeof import("node:crypto")>("crypto");
