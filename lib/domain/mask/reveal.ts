import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "@/db/client";
import { iso, rows } from "@/db/rows";
import { reveals } from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { moment, storable } from "@/lib/domain/fields";
import { can, requirePermission } from "@/lib/domain/permissions";
import { write } from "@/lib/domain/write";
import { conflict, forbidden, notFound } from "@/lib/refusal";
import { type Subject, subjectKey } from "./known";
import { maskFor, protectionOf } from "./mask";
import type { MaskedHere } from "./reveal-types";

/** How long something stays revealed. */
const minutes = 15;
/** A reason is a sentence that somebody else understands. */
const reasonChars = { min: 10, max: 500 } as const;
/** How many of the last ones are listed. */
const listed = 20;

const reason = storable
  .trim()
  .min(reasonChars.min, `Say why, in ${reasonChars.min} characters or more.`)
  .max(reasonChars.max);

export const revealInput = z.strictObject({ reason });
const target = z.union([
  z.strictObject({ messageId: z.uuid(), reason }),
  z.strictObject({ runId: z.uuid(), reason }),
]);

export const revealed = z
  .strictObject({ endsAt: moment.meta({ description: "From when on it is masked again." }) })
  .meta({ id: "Revealed" });

/**
 * Shows one message, or the work order of a run without one, unmasked to whoever asks, in their browser and for a quarter
 * of an hour. Throws `not_found`, `forbidden` for a role that may not, `conflict` when nothing is masked for it.
 */
export function reveal(ctx: Context, input: z.input<typeof target>): Promise<z.infer<typeof revealed>> {
  const asked = target.parse(input);
  return write(ctx, "message.read", async (tx) => {
    const { actor, project, role } = ctx;
    if (actor.type !== "user") throw forbidden("Only a person can reveal what is masked, in a browser.");
    const subject = await subjectOf(tx, project.id, asked);
    if (!subject) throw notFound("messageId" in asked ? "The message" : "The run");
    const { masks, maskedRoles, revealRoles } = await protectionOf(tx, project.id);
    const has = (roles: readonly string[]) => roles.includes(role);
    if (masks.length === 0 || !has(maskedRoles)) throw conflict("Nothing is masked for your role.");
    if (!has(revealRoles))
      throw forbidden("Your role may not reveal what is masked. Ask an owner or admin of the project.");
    const endsAt = new Date(Date.now() + minutes * 60_000);
    const { messageId, workOrderId = null } = subject;
    const values = { projectId: project.id, userId: actor.userId, messageId, workOrderId };
    await tx.insert(reveals).values({ ...values, reason: asked.reason, endsAt });
    return {
      result: { endsAt: endsAt.toISOString() },
      audit: {
        event: "message.reveal",
        itemId: messageId ?? workOrderId ?? "",
        after: { reason: asked.reason, endsAt: endsAt.toISOString() },
      },
      changed: null,
    };
  });
}

type Asked = z.output<typeof target>;

async function subjectOf(db: Db, projectId: string, asked: Asked): Promise<Subject | undefined> {
  const [found] = await rows<{ messageId: string | null; workOrderId: string | null }>(
    db,
    "messageId" in asked
      ? sql`select id as "messageId", null::uuid as "workOrderId" from messages where id = ${asked.messageId}::uuid and project_id = ${projectId}`
      : sql`select message_id as "messageId", case when message_id is null then work_order_id end as "workOrderId"
            from runs where id = ${asked.runId}::uuid and project_id = ${projectId}`,
  );
  return found;
}

/** What a receipt or a run says of its masks. */
export async function maskedHereOf(ctx: Context, subject: Subject): Promise<MaskedHere> {
  requirePermission(ctx, "message.read");
  const [mask, found] = await Promise.all([maskFor(ctx), revealsOf(ctx, subject)]);
  const mine = found.filter(({ isMine, isLive }) => isMine && isLive).map(({ endsAt }) => endsAt);
  const { revealRoles } = mask ? await protectionOf(ctx.db, ctx.project.id) : { revealRoles: [] as string[] };
  return {
    masking: mask && {
      mayReveal: ctx.actor.type === "user" && (revealRoles as readonly string[]).includes(ctx.role),
      revealedUntil: mine.sort().at(-1) ?? null,
    },
    reveals: can(ctx.role, "audit.read")
      ? found.map(({ by, reason, at, endsAt }) => ({ by, reason, at, endsAt }))
      : [],
  };
}

type Found = MaskedHere["reveals"][number] & { isMine: boolean; isLive: boolean };

async function revealsOf({ db, project, actor }: Context, subject: Subject): Promise<Found[]> {
  if (subjectKey(subject) === "") return [];
  const me = actor.type === "user" ? actor.userId : null;
  const found = await rows<Omit<Found, "at" | "endsAt"> & { at: Date | string; endsAt: Date | string }>(
    db,
    sql`select u.email as by, v.reason, v.created_at as at, v.ends_at as "endsAt",
          coalesce(v.user_id = ${me}::uuid, false) as "isMine", v.ends_at > now() as "isLive"
        from reveals v join users u on u.id = v.user_id
        where v.project_id = ${project.id} and ${
          subject.messageId
            ? sql`v.message_id = ${subject.messageId}::uuid`
            : sql`v.work_order_id = ${subject.workOrderId}::uuid`
        } order by v.id desc limit ${listed}`,
  );
  return found.map((row) => ({ ...row, at: iso(row.at), endsAt: iso(row.endsAt) }));
}
