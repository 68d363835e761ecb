import { decodeUtf8 } from "@/lib/bytes";
import type { MessageFormat } from "@/lib/words";
import type { Json } from "./types";

/** What of a message its state is made of. */
export type MessageInput = {
  method: string;
  path: string[];
  query: Record<string, string | string[]>;
  headers: Record<string, string>;
  format: MessageFormat;
  body: Uint8Array;
  view: Json | null;
};

/**
 * The state a message gives a run, as JSON text: `{data, request}` (reference: platform §2.1). JSON bodies are passed
 * on as they were sent, other readable ones as their view or text, the rest as base64.
 */
export function stateOfMessage(message: MessageInput): string {
  const { method, path, query, headers } = message;
  const request = JSON.stringify({ method, path, query_params: query, headers });
  return `{"data":${dataText(message)},"request":${request}}`;
}

function dataText({ format, body, view }: MessageInput): string {
  if (view !== null) {
    const isCleanedCopy = format === "json";
    const original = isCleanedCopy ? parsable(decodeUtf8(body)) : undefined;
    return original ?? JSON.stringify(view);
  }
  switch (format) {
    case "json":
      return decodeUtf8(body) ?? "null";
    case "empty":
      return "null";
    case "binary":
      return JSON.stringify(Buffer.from(body).toString("base64"));
    default:
      return JSON.stringify(decodeUtf8(body) ?? "");
  }
}

/** jsonb holds a cleaned copy of some JSON; a job gets what was sent. Compressed bytes do not parse: the view serves. */
function parsable(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    JSON.parse(text);
    return text;
  } catch {
    return undefined;
  }
}
