import type { Reading } from "@/lib/body/reading";
import { plainBytes, plainText } from "@/lib/body/stored";
import type { MessageFormat } from "@/lib/words";
import type { Json } from "./types";

/** What of a message its state is made of. */
export type MessageInput = {
  method: string;
  path: string[];
  query: Record<string, Json>;
  headers: Record<string, string>;
  format: MessageFormat;
  body: Uint8Array;
  view: Json | null;
  reading: Reading | null;
};

/**
 * The state a message gives a run, as JSON text: `{data, request}` (reference: platform §2.1). JSON bodies are passed
 * on as they were sent, other readable ones as their view or text, the rest as base64. `request.rawBody` stands for the
 * bytes as they were sent; a job has them by `bytesOf`.
 */
export async function stateOfMessage(message: MessageInput): Promise<string> {
  const { method, path, query, headers, body } = message;
  const rawBody = { file: "body", size: body.length };
  const request = JSON.stringify({ method, path, query_params: query, headers, rawBody });
  return `{"data":${await dataText(message)},"request":${request}}`;
}

async function dataText(message: MessageInput): Promise<string> {
  const { format, view, method, query } = message;
  switch (format) {
    // jsonb keeps neither the order of keys nor every text: a job gets what was sent.
    case "json":
      return parsable(await plainText(message)) ?? JSON.stringify(view);
    // A GET is stored where its query is what it says.
    case "empty":
      return method === "GET" ? JSON.stringify(query) : "{}";
    case "binary":
      return JSON.stringify(Buffer.from(await plainBytes(message)).toString("base64"));
    default:
      return JSON.stringify(view ?? (await plainText(message)) ?? "");
  }
}

function parsable(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    JSON.parse(text);
    return text;
  } catch {
    return undefined;
  }
}
