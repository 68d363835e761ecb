import type { Sql } from "@/db/client";
import { env, publicUrl } from "@/lib/env";
import { log } from "@/lib/log";
import type { Mail } from "@/lib/mail/mail";
import { mailMode } from "@/lib/mail/mode";
import { transmit } from "@/lib/mail/smtp";
import { singleLine } from "@/lib/text";
import type { StopKind } from "@/lib/words";
import { type Claimed, markHanded } from "./claim";
import type { Content } from "./contents";
import type { Attempt, NoticeHost } from "./host";
import { htmlOf } from "./render/html";
import { type Stop, textOf } from "./render/text";
import { mayBeTold } from "./rules/recipients";
import { stopToken } from "./stop/token";

const maxSubject = 180;

/** Mails a notice, or several that are one mail, to its person or the operator. Never twice by itself. */
export async function mailNotices(host: NoticeHost, mine: Claimed[], content: Content): Promise<Attempt> {
  const [first] = mine;
  if (!first) throw new Error("There is no notice to mail.");
  const { database } = host;
  const mode = mailMode();
  const reader = await readerOf(database, first);
  if (!reader) return { end: { state: "stopped", error: "They may not be told of this project any more." } };
  if (mode === "none")
    return {
      end: { state: "failed", error: "No mail leaves this Waybill: no mail server is set (SMTP_URL)." },
    };
  const mail = mailOf(first, reader, content);
  if (mode === "local") {
    await keep(database, mine, mail);
    return { end: { state: "sent" } };
  }
  const done = await transmit(mail, { onHand: () => markHanded(database, mine) });
  if (done.outcome === "sent") return { end: { state: "sent" } };
  log.warn("a notice was not mailed", { notice: first.id, outcome: done.outcome, failure: done.detail });
  if (done.outcome === "uncertain") return { end: { state: "uncertain", error: done.reason } };
  const isAway = done.outcome === "away";
  return { end: { state: "again", error: done.reason, soon: isAway }, isAway };
}

type Reader = { email: string; project: string | null };

/** Null when nobody may be told any more: they left, the project or the account is on its way out. */
async function readerOf(sql: Sql, { userId, projectId, address }: Claimed): Promise<Reader | null> {
  if (address) return { email: address.replace(/^mailto:/, ""), project: null };
  const [row] = await sql.query<Reader>(
    projectId
      ? `select u.email, p.name as project from projects p join project_members m on m.project_id = p.id
         join users u on u.id = m.user_id where p.id = $2 and u.id = $1 and ${mayBeTold}`
      : `select email, null as project from users u
         where id = $1 and deletion_scheduled_at is null and disabled_at is null and $2::uuid is null`,
    [userId, projectId],
  );
  return row ?? null;
}

function mailOf({ id, userId, projectId }: Claimed, { email, project }: Reader, content: Content): Mail {
  const claim = userId && projectId && content.stop ? { userId, projectId, kind: content.stop } : null;
  const stop: Stop | null = claim && {
    url: `${publicUrl(env())}/n/stop/${stopToken(claim)}`,
    says: stopSays[claim.kind](project ?? "this project"),
  };
  return {
    to: email,
    subject: singleLine(content.subject, maxSubject),
    text: textOf(content, stop),
    html: htmlOf(content, stop),
    messageId: `<${id}@${new URL(publicUrl(env())).hostname.replace(/[[\]]/g, "")}>`,
    headers: {
      // Nobody's holiday answers it.
      "auto-submitted": "auto-generated",
      ...(stop && {
        // The same, for whoever asks for it by itself: looking at it leads to the page.
        "list-unsubscribe": `<${stop.url.replace("/n/stop/", "/api/notices/stop/")}>`,
        "list-unsubscribe-post": "List-Unsubscribe=One-Click",
      }),
    },
  };
}

const stopSays: Record<StopKind, (project: string) => string> = {
  at_once: (project) => `Stop mails about failures in ${project}`,
  digest: (project) => `Stop the summary of ${project}`,
};

/** Whoever is on the local mail page has it: kept and noted as sent in one statement. */
async function keep(sql: Sql, mine: Claimed[], { to, subject, text }: Mail): Promise<void> {
  await sql.query(
    `/* checked: by their claim */
     with mine as (
       update notices set state = 'sent', sent_at = now(), handed_at = now(), claimed_at = null, error = null, subject = $4
       where id = any($1::uuid[]) and state = 'waiting' and claimed_at = $2::timestamptz returning id
     )
     insert into mails ("to", subject, text)
     select $3, $4, $5 where exists (select 1 from mine)`,
    [mine.map(({ id }) => id), mine[0]?.claim, to, subject, text],
  );
}
