import { parseJson } from "@/components/runs/json-view";
import type { MessageDetail } from "@/lib/domain/message/types";
import type { ExactJson } from "@/lib/exact-json";
import { sqlJsonText } from "@/lib/sql-json";

/** The body as a tree. JSON is read here from its text, so that no number loses a digit; what pages cannot show is replaced. */
export function treeOf({ format, body, view }: MessageDetail): ExactJson | undefined {
  const isWhole = format === "json" && body.encoding === "text" && !body.truncated;
  return (isWhole ? parseJson(sqlJsonText(body.content)) : undefined) ?? view;
}

/** The state that a run of the message begins with, as far as it is shown; undefined for one that is cut or wiped. */
export function stateOfMessage(message: MessageDetail): ExactJson | undefined {
  const data = contentOf(message);
  if (data === undefined) return undefined;
  const { method, path, query, headers, size } = message;
  const request = { method, path, query_params: query, headers, rawBody: { file: "body", size } };
  return { data, request };
}

/** What `state.data` is of the message (lib/workflow/message-state.ts); undefined for one that is cut or wiped. */
export function contentOf(message: MessageDetail): ExactJson | undefined {
  const { format, body, query, method, wiped } = message;
  if (wiped || body.truncated) return undefined;
  if (format === "empty") return method === "GET" ? query : {};
  return treeOf(message) ?? (format === "json" ? undefined : body.content);
}
