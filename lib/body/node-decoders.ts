import { promisify } from "node:util";
import zlib from "node:zlib";
import { errorCode } from "@/lib/error-code";
import type { Decoder, Decoders } from "./codings";

type Inflate = (bytes: Uint8Array, options: { maxOutputLength: number }) => Promise<Uint8Array>;

const bounded =
  (decompress: Inflate): Decoder =>
  async (bytes, limit) => {
    try {
      return await decompress(bytes, { maxOutputLength: limit });
    } catch (error) {
      if (errorCode(error) === "ERR_BUFFER_TOO_LARGE") return undefined;
      throw error;
    }
  };

/** Node has zstd from 22.15 on. */
const zstd: unknown = Reflect.get(zlib, "zstdDecompress");

/** Content codings that Node undoes and browsers' APIs do not. */
export const nodeDecoders: Decoders = {
  br: bounded(promisify(zlib.brotliDecompress) as Inflate),
  ...(typeof zstd === "function" ? { zstd: bounded(promisify(zstd) as Inflate) } : {}),
};
