import { sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { rows } from "@/db/rows";
import type { Subject } from "./known";
import { strictMask } from "./mask";

/** One step or run whose error is meant. */
export type Failed = { stepId: string } | { runId: string };

/** Longer lines are cut. */
const lineChars = 300;

type Row = { message: string | null; messageId: string | null; workOrderId: string | null };

/**
 * The first line of an error as those see it for whom the most is masked: for mails, webhooks and whatever else leaves the
 * product. Empty when there is no error any more.
 */
export async function maskedErrorLine(db: Db, projectId: string, failed: Failed): Promise<string> {
  const [row] = await rows<Row>(
    db,
    "stepId" in failed
      ? sql`select s.error_message as message, s.message_id as "messageId", r.work_order_id as "workOrderId"
            from steps s join runs r on r.id = s.run_id and r.project_id = s.project_id
            where s.id = ${failed.stepId}::uuid and s.project_id = ${projectId}`
      : sql`select error_message as message, message_id as "messageId", work_order_id as "workOrderId"
            from runs where id = ${failed.runId}::uuid and project_id = ${projectId}`,
  );
  const { message, ...subject } = row ?? { message: null, messageId: null, workOrderId: null };
  return message === null ? "" : lineOf(await maskedFor(db, projectId, subject, message));
}

/** Any text about a message, or about the work order of runs without one, as those see it for whom the most is masked. */
export async function maskedFor(db: Db, projectId: string, subject: Subject, text: string): Promise<string> {
  const mask = await strictMask(db, projectId);
  return mask ? (await mask.veil(subject)).text(text) : text;
}

function lineOf(text: string): string {
  const [line = ""] = text.trim().split(/\r?\n/);
  return line.length > lineChars ? `${line.slice(0, lineChars)}…` : line;
}
