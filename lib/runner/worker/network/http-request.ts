import { Buffer } from "node:buffer";

export type ParsedRequest = {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: Buffer;
  size: number;
};

const headEnd = Buffer.from("\r\n\r\n");

/** The first HTTP/1.1 request in the bytes; null while it is incomplete, "other" when it is something else. */
export function parseHttpRequest(bytes: Buffer): ParsedRequest | "other" | null {
  const end = bytes.indexOf(headEnd);
  if (!/^[A-Z]{0,16}( |$)/.test(bytes.subarray(0, 17).toString("latin1"))) return "other";
  if (end < 0) return null;
  const [first = "", ...lines] = bytes.subarray(0, end).toString("latin1").split("\r\n");
  const [, method, path] = /^([A-Z]+) (\S+) HTTP\/1\.[01]$/.exec(first) ?? [];
  if (!method || !path) return "other";
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const rest = bytes.subarray(end + headEnd.length);
  const body = /chunked/i.test(headers["transfer-encoding"] ?? "")
    ? chunkedBody(rest)
    : sizedBody(rest, headers["content-length"]);
  return body && { method, path, headers, body: body.bytes, size: end + headEnd.length + body.size };
}

type Body = { bytes: Buffer; size: number };

function sizedBody(rest: Buffer, length: string | undefined): Body | null {
  const size = Number(length ?? 0);
  return rest.length >= size ? { bytes: rest.subarray(0, size), size } : null;
}

function chunkedBody(rest: Buffer): Body | null {
  const parts: Buffer[] = [];
  let offset = 0;
  for (;;) {
    const lineEnd = rest.indexOf("\r\n", offset);
    if (lineEnd < 0) return null;
    const size = Number.parseInt(rest.subarray(offset, lineEnd).toString("latin1"), 16);
    const start = lineEnd + 2;
    if (!(size >= 0) || rest.length < start + size + 2) return null;
    if (size === 0) return { bytes: Buffer.concat(parts), size: start + 2 };
    parts.push(rest.subarray(start, start + size));
    offset = start + size + 2;
  }
}
