import { createHash } from "node:crypto";
import { sql } from "drizzle-orm";
import { Zip, ZipDeflate } from "fflate";
import type { z } from "zod";
import { rowByRow } from "@/db/keyset";
import { rows } from "@/db/rows";
import type { Context } from "@/lib/domain/context";
import { requireDownload } from "@/lib/domain/mask/download";
import { requirePermission } from "@/lib/domain/permissions";
import { write } from "@/lib/domain/write";
import { conflict, notFound } from "@/lib/refusal";
import { contentsOf, type ExportedFile, type ExportedItem } from "./contents";
import { readRequest } from "./rows";
import { personId } from "./schemas";

const pageItems = 20;

/**
 * Everything that a search found as a ZIP archive, made while it is downloaded and kept nowhere: what was sent as it was
 * sent, everything else as JSON, and a manifest with a digest of each file. Throws `not_found`, and `forbidden` where the
 * project lets the role download nothing, `conflict` for a search that is not at its end.
 */
export async function exportPerson(
  ctx: Context,
  input: z.input<typeof personId>,
): Promise<ReadableStream<Uint8Array>> {
  requirePermission(ctx, "person.manage");
  const { id } = personId.parse(input);
  await requireDownload(ctx);
  const request = await readRequest(ctx.db, { requestId: id, projectId: ctx.project.id });
  if (!request) throw notFound("The search");
  if (request.state !== "found")
    throw conflict("What is found can be exported when the search is at its end, until it is wiped.");
  await write(ctx, "person.manage", async () => ({
    result: undefined,
    audit: { event: "person.export", itemId: id, after: { things: request.found } },
    changed: null,
  }));
  return archive(filesOf(ctx, { id, found: request.found, until: request.until }));
}

async function* filesOf(
  ctx: Context,
  request: { id: string; found: number; until: string },
): AsyncGenerator<ExportedFile> {
  const manifest: { name: string; bytes: number; sha256: string }[] = [];
  for await (const file of thingsOf(ctx, request.id)) {
    manifest.push({
      name: file.name,
      bytes: file.bytes.length,
      sha256: createHash("sha256").update(file.bytes).digest("hex"),
    });
    yield file;
  }
  const about = {
    project: { id: ctx.project.id, name: ctx.project.name },
    search: request.id,
    things: request.found,
    exportedAt: new Date().toISOString(),
    note: "What holds one person's data may hold others', too: read it before you hand it on.",
    files: manifest,
  };
  yield { name: "manifest.json", bytes: Buffer.from(JSON.stringify(about, null, 2)) };
}

async function* thingsOf(ctx: Context, id: string): AsyncGenerator<ExportedFile> {
  let after = { kind: "", seq: 0 };
  for (;;) {
    const page = await rows<ExportedItem>(
      ctx.db,
      sql`select seq::float8 as seq, kind, item_id as "itemId", source from person_items
          where (request_id, kind, seq) > (${id}::uuid, ${after.kind}::text, ${after.seq}::bigint) and request_id <= ${id}::uuid
            and ${rowByRow(sql`project_id = ${ctx.project.id}`)}
          order by request_id, kind, seq limit ${pageItems}`,
    );
    for (const item of page) yield* contentsOf(ctx, item);
    const last = page.at(-1);
    if (!last || page.length < pageItems) return;
    after = last;
  }
}

/** Files as a ZIP archive, each read when there is room for it. */
function archive(files: AsyncGenerator<ExportedFile>): ReadableStream<Uint8Array> {
  let ready: Uint8Array[] = [];
  let isOver = false;
  const zip = new Zip((error, chunk, final) => {
    if (error) throw error;
    ready.push(chunk);
    isOver ||= final;
  });
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        while (ready.length === 0 && !isOver) {
          const { done, value } = await files.next();
          if (done) zip.end();
          else {
            const entry = new ZipDeflate(value.name, { level: 6 });
            zip.add(entry);
            entry.push(value.bytes, true);
          }
        }
        for (const chunk of ready) controller.enqueue(chunk);
        ready = [];
        if (isOver) controller.close();
      },
      async cancel() {
        await files.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}
