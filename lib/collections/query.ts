import { z } from "zod";
import type { ItemFilter } from "@/lib/domain/collection/list-items";
import { isStorable } from "@/lib/text";
import { badRequest } from "./problem";

/** What a list takes in its query. */
export type ListQuery = { filter: ItemFilter; cursor: string | null; limit: number };

const defaultLimit = 1_000;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** With a time and an offset, as OpenFn asks. */
const moment = z.iso.datetime({ offset: true });

/** Names of moments. OpenFn's adaptor documents the last two, and sends them as it was given them. */
const moments: Record<string, keyof ItemFilter> = {
  created_after: "createdAfter",
  created_before: "createdBefore",
  updated_after: "updatedAfter",
  updated_before: "updatedBefore",
  updatedAfter: "updatedAfter",
  updatedBefore: "updatedBefore",
};

const others = new Set(["key", "cursor", "limit", "project_id"]);

/** The query of a list, or of a deletion, which obeys its filter alone. Throws a `Problem` for what is unknown or no value. */
export function readListQuery(search: URLSearchParams): ListQuery {
  const filter: ItemFilter = {};
  for (const [name, value] of search) {
    if (!isStorable(value)) throw badRequest();
    const field = Object.hasOwn(moments, name) ? moments[name] : undefined;
    if (!field && !others.has(name)) throw badRequest(`Unknown parameter: ${name}`);
    if (!field) continue;
    if (!moment.safeParse(value).success)
      throw badRequest(`${name} is not an ISO 8601 moment with a time zone.`);
    filter[field] = value;
  }
  const key = search.get("key");
  if (key !== null) filter.key = key;
  return { filter, cursor: readCursor(search.get("cursor")), limit: readLimit(search.get("limit")) };
}

function readLimit(text: string | null): number {
  if (text === null) return defaultLimit;
  if (!/^\d{1,9}$/.test(text)) throw badRequest("limit is not a number.");
  return Number(text);
}

/** A cursor is the id of the last item, in base64. */
function readCursor(text: string | null): string | null {
  if (text === null || text === "") return null;
  const id = Buffer.from(text, "base64").toString("latin1");
  if (!uuid.test(id) || writeCursor(id) !== text) throw badRequest("The cursor is not one of ours.");
  return id;
}

export const writeCursor = (id: string): string => Buffer.from(id, "latin1").toString("base64");

/** `project_id` of a query, lower case. Throws a `Problem` for what is no UUID. */
export function readProjectId(text: string | null | undefined): string | undefined {
  if (text === null || text === undefined) return undefined;
  const id = text.toLowerCase();
  if (!uuid.test(id)) throw badRequest("project_id is not a UUID.");
  return id;
}
