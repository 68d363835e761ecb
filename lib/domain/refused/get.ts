import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { refusedRequests } from "@/db/schema";
import { decodeUtf8 } from "@/lib/bytes";
import type { Context } from "@/lib/domain/context";
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
  return { ...row, ...rest, body: body && shownOf(body) };
}

function shownOf(body: Uint8Array): NonNullable<RefusedDetail["body"]> {
  const truncated = body.length > shownBytes;
  const text = decodeUtf8(body);
  return text === undefined
    ? { encoding: "base64", content: Buffer.from(body.subarray(0, shownBytes)).toString("base64"), truncated }
    : { encoding: "text", content: text.slice(0, shownBytes), truncated };
}
