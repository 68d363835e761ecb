import { timingSafeEqual } from "node:crypto";
import { and, eq, sql } from "drizzle-orm";
import type { z } from "zod";
import { keyset } from "@/db/keyset";
import { rows } from "@/db/rows";
import { wipeCertificates } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { type Page, toPage } from "@/lib/domain/page";
import { requirePermission } from "@/lib/domain/permissions";
import { notFound } from "@/lib/refusal";
import { readContent } from "./certificate";
import { thingsOf } from "./certify";
import { digestOf } from "./keys";
import { countedWords } from "./kinds";
import {
  type Certificate,
  type certificateCheck,
  checkCertificateInput,
  listPersonsInput,
  personId,
} from "./schemas";

type Row = { id: string; content: unknown; signature: string; byLabel: string };

function certificateOf({ content: stored, signature, byLabel }: Row): Certificate {
  const { content, isIntact } = readContent(stored, signature);
  return { ...content, byLabel, isIntact };
}

/** The project's certificates, newest first. */
export async function listCertificates(
  ctx: Context,
  input: z.input<typeof listPersonsInput> = {},
): Promise<Page<Certificate>> {
  requirePermission(ctx, "person.read");
  const { cursor, limit } = listPersonsInput.parse(input);
  const ofProject = keyset([[sql`c.project_id`, ctx.project.id]], sql`c.id`, { before: cursor });
  const found = await rows<Row>(
    ctx.db,
    sql`select c.id, c.content, c.signature, c.by_label as "byLabel" from wipe_certificates c
        where ${ofProject.where} order by ${ofProject.newestFirst} limit ${limit + 1}`,
  );
  const { items, nextCursor } = toPage(found, limit);
  return { items: items.map(certificateOf), nextCursor };
}

/** What was wiped, when, by whom and why. Throws `not_found`. */
export async function getCertificate(ctx: Context, input: z.input<typeof personId>): Promise<Certificate> {
  requirePermission(ctx, "person.read");
  const { id } = personId.parse(input);
  const { content, signature, byLabel } = wipeCertificates;
  const [row] = await ctx.db
    .select({ id: wipeCertificates.id, content, signature, byLabel })
    .from(wipeCertificates)
    .where(and(eq(wipeCertificates.projectId, ctx.project.id), eq(wipeCertificates.id, id)));
  if (!row) throw notFound("The certificate");
  return certificateOf(row);
}

/** Whether a key is one of those that the person was known by. Throws `not_found`. */
export async function checkCertificate(
  ctx: Context,
  input: z.input<typeof checkCertificateInput>,
): Promise<z.infer<typeof certificateCheck>> {
  const { id, key } = checkCertificateInput.parse(input);
  const { keys } = await getCertificate(ctx, { id });
  const asked = Buffer.from(digestOf(ctx.project.id, key));
  return {
    isNamed: keys.some((digest) => {
      const known = Buffer.from(digest);
      return known.length === asked.length && timingSafeEqual(known, asked);
    }),
  };
}

/** A certificate as text to be kept, with the list of what was wiped. Throws `not_found`. */
export async function certificateText(ctx: Context, input: z.input<typeof personId>): Promise<string> {
  const one = await getCertificate(ctx, input);
  let things = "";
  for await (const line of thingsOf(ctx.db, { requestId: one.requestId, projectId: ctx.project.id }))
    things += line;
  return `Certificate of what was wiped of one person's data
${"=".repeat(50)}

Certificate     ${one.id}
Project         ${one.project.name} (${one.project.id})
Asked for       ${one.askedAt}
Wiped           ${one.wipedAt}
By              ${one.byLabel}
Reason          ${one.reason}
Wiped           ${countedWords(one.wiped)}
Looked through  once more after that, everything that was written until ${one.lookedThroughUntil}
Still there     ${countedWords(one.left)}
Sent before to  ${one.recipients.length > 0 ? one.recipients.join(", ") : "nobody"}

Backups, mails and systems that something was sent to are not part of this.

What the person was known by is not kept. Keyed digests of it, which Waybill can compare with a key:
${one.keys.map((digest) => `  ${digest}`).join("\n")}

What was wiped, by its ids (SHA-256 of the lines below: ${one.things}):
${things}`;
}
