import { and, eq } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "@/db/client";
import { noticeRules, users } from "@/db/schema";
import type { UserContext } from "@/lib/domain/context";
import { write } from "@/lib/domain/write";
import { notFound } from "@/lib/refusal";
import { digestWords } from "@/lib/words";
import { nextDigest } from "./clock";
import { timeZoneInput } from "./types";

const minuteOfDay = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, "Write a time such as 22:00.")
  .meta({ description: "A time of the day in the time zone, such as 22:00." });

const quietHours = z
  .strictObject({ from: minuteOfDay, to: minuteOfDay })
  .refine(({ from, to }) => from !== to, {
    path: ["to"],
    message: "They must end at another time than they begin.",
  });

/** By whose clock digests come, and between which times of it notices wait. Of all of a person's projects. */
export const noticeSettings = z
  .strictObject({ timeZone: z.string(), quietHours: quietHours.nullable() })
  .meta({ id: "NoticeSettings" });
export type NoticeSettings = z.infer<typeof noticeSettings>;

/** What is left out stays as it is. */
export const noticeSettingsChange = z.strictObject({
  timeZone: timeZoneInput.optional(),
  quietHours: quietHours.nullable().optional(),
});

type Row = { timeZone: string | null; quietFrom: number | null; quietTo: number | null };

/** The caller's own. */
export async function getNoticeSettings(ctx: UserContext): Promise<NoticeSettings> {
  return shown(await rowOf(ctx.db, ctx.actor.userId));
}

/** Changes the caller's own; digests to come go by the new zone. What waits for quiet hours that were, goes on waiting. */
export async function setNoticeSettings(
  ctx: UserContext,
  input: z.input<typeof noticeSettingsChange>,
  now = new Date(),
): Promise<NoticeSettings> {
  const { timeZone, quietHours: quiet } = noticeSettingsChange.parse(input);
  const { userId } = ctx.actor;
  return write(ctx, "own", async (tx) => {
    const before = await rowOf(tx, userId, true);
    const after = {
      timeZone: timeZone ?? before.timeZone,
      quietFrom: quiet === undefined ? before.quietFrom : quiet && minutes(quiet.from),
      quietTo: quiet === undefined ? before.quietTo : quiet && minutes(quiet.to),
    };
    if (same(before, after)) return { result: shown(after), audit: null, changed: null };
    await tx.update(users).set(after).where(eq(users.id, userId));
    if (after.timeZone !== before.timeZone) await moveDigests(tx, userId, after.timeZone, now);
    return {
      result: shown(after),
      audit: { event: "user.set_notices", itemId: userId, before: shown(before), after: shown(after) },
      changed: null,
    };
  });
}

/** Their digests of all projects, to the same hour of another clock. */
async function moveDigests(tx: Db, userId: string, timeZone: string | null, now: Date): Promise<void> {
  // checked: the person's own, in whatever project
  for (const digest of digestWords.filter((word) => word !== "never"))
    await tx
      .update(noticeRules)
      .set({ nextDigestAt: nextDigest(digest, timeZone, now) })
      .where(and(eq(noticeRules.userId, userId), eq(noticeRules.digest, digest)));
}

async function rowOf(db: Db, userId: string, isLocked = false): Promise<Row> {
  const query = db
    .select({ timeZone: users.timeZone, quietFrom: users.quietFrom, quietTo: users.quietTo })
    .from(users)
    .where(eq(users.id, userId));
  const [row] = await (isLocked ? query.for("update") : query);
  if (!row) throw notFound("Your account");
  return row;
}

const same = (a: Row, b: Row) =>
  a.timeZone === b.timeZone && a.quietFrom === b.quietFrom && a.quietTo === b.quietTo;

const shown = ({ timeZone, quietFrom, quietTo }: Row): NoticeSettings => ({
  timeZone: timeZone ?? "UTC",
  quietHours:
    quietFrom === null || quietTo === null ? null : { from: clockText(quietFrom), to: clockText(quietTo) },
});

const minutes = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
const clockText = (minute: number): string =>
  [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, "0")).join(":");
