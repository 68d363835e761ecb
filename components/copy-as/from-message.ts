import { queryText } from "@/components/receipt/query-text";
import type { MessageDetail } from "@/lib/domain/message/types";
import { base64Of, type CopiedBody, type CopiedRequest } from "./request";

/** More than this is no line to paste: it is read from a file. */
const mostBytes = 32_768;

/** What the way here added, what every program says of itself, and what names a delivery: the same again would be a repeat. */
const ofTheWay =
  /^(?:host|connection|keep-alive|te|trailer|transfer-encoding|upgrade|content-length|expect|via|forwarded|user-agent|accept.*|origin|referer|cookie|priority|x-forwarded-.*|x-real-ip|x-request-id|x-b3-.*|traceparent|tracestate|cf-.*|sec-.*|cache-control|pragma|dnt|idempotency-key|webhook-id|x-github-delivery)$/;

/** Whatever of these a sender proved itself with: it is not the reader's to pass on. */
const isSecret = (name: string, value: string): boolean =>
  /auth|token|secret|signature|password|api[-_]?key|credential|x-mac-digest/.test(name) ||
  value.includes("[REDACTED]");

/** Where a message would be sent to, and what has to be proved there. */
export type Target = {
  url: string;
  /** Headers with placeholders. */
  proof: readonly (readonly [name: string, placeholder: string])[];
};

type Sent = Pick<MessageDetail, "id" | "method" | "path" | "query" | "headers">;

/** The request that would bring a message again. `bytes`: of its body, as they were sent. */
export function requestOfMessage(message: Sent, target: Target, bytes: Uint8Array): CopiedRequest {
  const { method, path, query, headers } = message;
  const proved = new Set(target.proof.map(([name]) => name.toLowerCase()));
  const kept = Object.entries(headers).flatMap(([given, value]) => {
    const name = given.toLowerCase();
    if (ofTheWay.test(name) || proved.has(name)) return [];
    return [[name, isSecret(name, value) ? placeholder(name) : value] as const];
  });
  const rest = path.map((part) => `/${encodeURIComponent(part)}`).join("");
  return {
    method,
    url: `${target.url}${rest}${queryText(withoutSecrets(query))}`,
    headers: [...kept, ...target.proof],
    body: bytes.length === 0 && method === "GET" ? null : bodyOf(message.id, bytes),
  };
}

const placeholder = (name: string) => `<the ${name} of the sender>`;

function bodyOf(id: string, bytes: Uint8Array): CopiedBody {
  if (bytes.length > mostBytes) return { file: `message-${id}` };
  try {
    return { text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { base64: base64Of(bytes) };
  }
}

/** Some senders prove themselves in the address. */
const withoutSecrets = (query: MessageDetail["query"]): MessageDetail["query"] =>
  Object.fromEntries(
    Object.entries(query).map(([name, value]) => [
      name,
      isSecret(name.toLowerCase(), String(value)) ? placeholder(name) : value,
    ]),
  );
