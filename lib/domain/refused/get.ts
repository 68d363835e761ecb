import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { refusedRequests } from "@/db/schema";
import { decodeUtf8 } from "@/lib/bytes";
import type { Context } from "@/lib/domain/context";
import { masked } from "@/lib/domain/mask/hidden-texts";
import { maskFor } from "@/lib/domain/mask/mask";
import { requirePermission } from "@/lib/domain/permissions";
import { notFound } from "@/lib/refusal";
import { refusedRows } from "./list";
import type { RefusedDetail } from "./types";

export const refusedId = z.strictObject({ id: z.uuid() });

/** More of a body than this is not shown. */
const shownBytes = 256_000;

/** One refused request with all that is kept of it. Throws `not_found`, also after its day. */
export async function getRefused(ctx: Context, input: z.input<typeof refusedId>): Promise<RefusedDetail> {
  requirePermission(ctx, "message.read");
  const id = refusedId.parse(input).id.toLowerCase();
  const [row] = await refusedRows(ctx, { only: id, limit: 1 });
  const [payload] = await ctx.db
    .select({
      path: refusedRequests.path,
      query: refusedRequests.query,
      headers: refusedRequests.headers,
      body: refusedRequests.body,
    })
    .from(refusedRequests)
    .where(and(eq(refusedRequests.projectId, ctx.project.id), eq(refusedRequests.id, id)));
  if (!row || !payload) throw notFound("The refused request");
  const { body, ...rest } = payload;
  if (await maskFor(ctx)) return { ...row, ...hidden(payload) };
  return { ...row, ...rest, body: body && shownOf(body) };
}

/** Names stay, of headers and of the query; what they say goes. */
function hidden({
  path,
  query,
  headers,
  body,
}: Payload): Pick<RefusedDetail, "path" | "query" | "headers" | "body"> {
  const each = <T>(values: Record<string, T>): Record<string, string> =>
    Object.fromEntries(Object.keys(values).map((name) => [name, masked]));
  return {
    path: path.map(() => masked),
    query: each(query),
    headers: each(headers),
    body: body && { encoding: "text", content: masked, truncated: false },
  };
}

type Payload = Pick<typeof refusedRequests.$inferSelect, "path" | "query" | "headers" | "body">;

function shownOf(body: Uint8Array): NonNullable<RefusedDetail["body"]> {
  const truncated = body.length > shownBytes;
  const text = decodeUtf8(body);
  return text === undefined
    ? { encoding: "base64", content: Buffer.from(body.subarray(0, shownBytes)).toString("base64"), truncated }
    : { encoding: "text", content: text.slice(0, shownBytes), truncated };
}
