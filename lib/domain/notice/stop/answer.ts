import { z } from "zod";
import type { Db } from "@/db/client";
import { queryOf } from "@/db/rows";
import { stopWaiting } from "@/lib/domain/notice/claim";
import { type Stoppable, startRule, stoppable, stopRule } from "@/lib/domain/notice/rules/stop";
import { notFound } from "@/lib/refusal";
import { type NoticeKind, type StopKind, stopKinds } from "@/lib/words";
import { type StopClaim, stopClaim } from "./token";

export const stopped = z
  .strictObject({ project: z.string(), kind: z.enum(stopKinds), isStopped: z.boolean() })
  .meta({ description: "What the link in a mail is about, and whether it is stopped." });
export type Stopped = z.infer<typeof stopped>;

/** What the link in a mail would stop, or has; null when it is none, or its reader has left. Changes nothing. */
export const shownByLink = (db: Db, token: string): Promise<Stopped | null> => by(db, token, stoppable);

/**
 * Stops what the link is about, what waits to be sent included. Throws `not_found` when it is none, or its reader has left.
 */
export async function stopByLink(db: Db, token: string): Promise<Stopped> {
  const done = await by(db, token, stopRule);
  const claim = stopClaim(token);
  if (!done || !claim) throw notFound("What this link is about");
  await stopWaiting({ query: queryOf(db) }, claim, kindsOf[claim.kind]);
  return done;
}

/** Lets it begin again. Throws as above. */
export async function startByLink(db: Db, token: string): Promise<Stopped> {
  const done = await by(db, token, startRule);
  if (!done) throw notFound("What this link is about");
  return done;
}

const kindsOf: Record<StopKind, NoticeKind[]> = { at_once: ["issue"], digest: ["digest"] };

async function by(
  db: Db,
  token: string,
  verb: (db: Db, claim: StopClaim) => Promise<Stoppable | null>,
): Promise<Stopped | null> {
  const claim = stopClaim(token);
  const found = claim && (await verb(db, claim));
  return found && { project: found.project, kind: claim.kind, isStopped: found.isStopped };
}
