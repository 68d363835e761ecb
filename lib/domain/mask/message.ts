import { sql } from "drizzle-orm";
import { queryOf, rows } from "@/db/rows";
import { previewOf } from "@/lib/body/read";
import type { Reading } from "@/lib/body/reading";
import { partsOf } from "@/lib/body/searchable";
import type { Context } from "@/lib/domain/context";
import { type ExactJson, parseExact, stringifyExact } from "@/lib/exact-json";
import { type Placed, withBodiesLeft } from "@/lib/payloads/read";
import { type MessageInput, stateOfMessage } from "@/lib/workflow/message-state";
import { masked } from "./hidden-texts";
import type { Veil } from "./veil";

/** What a message says, behind a veil: parts that are hidden whole are empty, or `•••`. */
export type VeiledMessage = {
  path: string[];
  query: Record<string, ExactJson>;
  headers: Record<string, string>;
  /** What a job gets as `state.data`. */
  data: ExactJson;
};

/** Bodies above this, or that lie apart, are not read for a line of a list. */
const previewedBytes = 256_000;

/** A message behind a veil. */
export async function veiledMessage(veil: Veil, message: MessageInput): Promise<VeiledMessage> {
  const shown = parseExact(veil.state(await stateOfMessage(message))) as unknown;
  const state = isObject(shown) ? shown : {};
  const request = isObject(state.request) ? state.request : {};
  const { path, query_params: query, headers } = request;
  return {
    path: Array.isArray(path) ? path.map(String) : [],
    query: isObject(query) ? (query as VeiledMessage["query"]) : {},
    headers: isObject(headers) ? (headers as VeiledMessage["headers"]) : {},
    data: (state.data as ExactJson | undefined) ?? masked,
  };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** How a message was read, behind a veil. Of parameters that are named twice only the names are told. */
export const veiledReading = (veil: Veil, reading: Reading | null): Reading | null =>
  reading && {
    ...reading,
    ...(reading.files
      ? {
          files: reading.files.map((file) => ({
            ...file,
            field: veil.text(file.field),
            name: veil.text(file.name),
            type: veil.text(file.type),
          })),
        }
      : {}),
    ...(reading.parameters
      ? { parameters: reading.parameters.map(([name]): [string, string] => [veil.text(name), masked]) }
      : {}),
  };

/** The first characters of each message behind its veil, by id. Of a large one nothing is said. */
export async function veiledPreviews(
  { db, project }: Pick<Context, "db" | "project">,
  veilOf: (subject: { messageId: string }) => Veil,
  ids: readonly string[],
): Promise<(id: string) => string> {
  const found = await rows<MessageInput & { id: string }>(
    db,
    sql`select id, method, path, query, headers, format, body, view, reading from messages
        where project_id = ${project.id} and id = any(${sql.param([...ids])}::uuid[]) and payload is null and octet_length(body) <= ${previewedBytes}`,
  );
  const previews = new Map<string, string>();
  for (const { id, ...message } of found) {
    const veil = veilOf({ messageId: id });
    const { data } = await veiledMessage(veil, message).catch(() => ({ data: masked }));
    previews.set(id, message.format === "empty" && message.method !== "GET" ? "" : lineOf(data));
  }
  return (id) => previews.get(id) ?? masked;
}

/** What each message says behind its veil, by id, for a search that is to confirm nothing that is hidden. */
export async function veiledTexts(
  { db, project }: Pick<Context, "db" | "project">,
  veilOf: (subject: { messageId: string }) => Veil,
  ids: readonly string[],
): Promise<Map<string, string>> {
  const found = await rows<MessageInput & Placed & { id: string }>(
    db,
    sql`select id, method, path, query, headers, format, body, payload, view, reading from messages
        where project_id = ${project.id} and id = any(${sql.param([...ids])}::uuid[])`,
  );
  await withBodiesLeft(queryOf(db), project.id, found);
  const texts = new Map<string, string>();
  for (const { id, ...message } of found) {
    const { data } = await veiledMessage(veilOf({ messageId: id }), message).catch(() => ({ data: masked }));
    const json = stringifyExact(data);
    texts.set(id, `${partsOf(json).join("\n")}\n${json}`);
  }
  return texts;
}

const lineOf = (data: ExactJson): string => previewOf(typeof data === "string" ? data : stringifyExact(data));
