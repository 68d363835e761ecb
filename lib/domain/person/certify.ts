import { createHash } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { rowByRow } from "@/db/keyset";
import { rows } from "@/db/rows";
import { projects, wipeCertificates } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { write } from "@/lib/domain/write";
import type { PersonKind } from "@/lib/words";
import { sign } from "./certificate";
import { digestOf, openKeys } from "./keys";
import { recipientsOf } from "./recipients";
import { forgetKeys, newestId, type RequestRow, update } from "./rows";
import type { CertificateContent } from "./schemas";

/**
 * The end of a wipe, in the caller's transaction: writes down what was wiped, without the data, and throws away what the
 * person is known by.
 */
export const certify = (ctx: Context, request: RequestRow): Promise<void> =>
  write(ctx, "own", async (tx) => {
    const content = await contentOf({ ...ctx, db: tx }, request);
    await tx.insert(wipeCertificates).values({
      id: content.id,
      projectId: request.projectId,
      requestId: request.id,
      content,
      signature: sign(content),
      byLabel: request.wipeByLabel ?? request.createdByLabel,
    });
    await forgetKeys(tx, request);
    await update(tx, request, { state: "wiped", sealed: null, endedAt: new Date() });
    const { wiped, left } = content;
    const audit = {
      event: "person.certify",
      itemId: content.id,
      after: { requestId: request.id, wiped, left },
    };
    return { result: undefined, audit, changed: null };
  });

async function contentOf(ctx: Context, request: RequestRow): Promise<CertificateContent> {
  const { id: requestId, projectId, until, sealed } = request;
  const keys = sealed === null ? [] : openKeys(projectId, sealed);
  const counts = await rows<{ kind: PersonKind; wiped: number; left: number }>(
    ctx.db,
    sql`select kind, (count(*) filter (where wiped_at is not null))::int as wiped, (count(*) filter (where wiped_at is null))::int as left
        from person_items where request_id = ${requestId}::uuid and project_id = ${projectId} group by kind order by kind`,
  );
  const of = (which: "wiped" | "left") =>
    counts.flatMap(({ kind, [which]: count }) => (count > 0 ? [{ kind, count }] : []));
  return {
    version: 1,
    id: await newestId(ctx.db),
    project: { id: projectId, name: await nameOf(ctx.db, projectId) },
    requestId,
    askedAt: request.createdAt.toISOString(),
    wipedAt: new Date().toISOString(),
    by: request.wipeBy,
    reason: request.reason ?? "",
    keys: keys.map((key) => digestOf(projectId, key)),
    wiped: of("wiped"),
    things: await digestOfThings(ctx.db, { requestId, projectId }),
    lookedThroughUntil: new Date(Number.parseInt(until.replaceAll("-", "").slice(0, 12), 16)).toISOString(),
    left: of("left"),
    recipients: (await recipientsOf(ctx, requestId)).map(({ host }) => host),
  };
}

/** The project's present name: the context of background work has none. */
async function nameOf(db: Db, projectId: string): Promise<string> {
  const [row] = await db.select({ name: projects.name }).from(projects).where(eq(projects.id, projectId));
  return row?.name ?? "";
}

const pageThings = 10_000;

/** SHA-256 of the list of what was wiped, as it is downloaded. */
export async function digestOfThings(db: Db, of: { requestId: string; projectId: string }): Promise<string> {
  const hash = createHash("sha256");
  for await (const line of thingsOf(db, of)) hash.update(line);
  return hash.digest("hex");
}

/** What was wiped, a line each, in the order of kinds and ids. */
export async function* thingsOf(
  db: Db,
  { requestId, projectId }: { requestId: string; projectId: string },
): AsyncGenerator<string> {
  let after: { kind: string; id: string } = { kind: "", id: "00000000-0000-0000-0000-000000000000" };
  for (;;) {
    const page = await rows<{ kind: string; id: string }>(
      db,
      sql`select kind, item_id as id from person_items
          where (request_id, kind, item_id) > (${requestId}::uuid, ${after.kind}::text, ${after.id}::uuid) and request_id <= ${requestId}::uuid
            and ${rowByRow(sql`project_id = ${projectId} and wiped_at is not null`)}
          order by request_id, kind, item_id limit ${pageThings}`,
    );
    for (const { kind, id } of page) yield `${kind} ${id}\n`;
    const last = page.at(-1);
    if (!last || page.length < pageThings) return;
    after = last;
  }
}
