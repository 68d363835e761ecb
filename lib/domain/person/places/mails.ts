import { sql } from "drizzle-orm";
import { containing } from "@/db/like";
import { rows } from "@/db/rows";
import { type Item, lowest, type Place, Where } from "./place";

const pageMails = 200;

/** Mails about the project that are kept for the local page: they belong to no project, and link to it. */
export const mailsPlace: Place = {
  name: "mails",
  async page({ db, projectId, until, cursor, finder }) {
    const page = await rows<{ id: string; subject: string | null; text: string | null; at: Date | string }>(
      db,
      sql`/* all tenants: those that link to the project */ select id, created_at as at, case when is_ours then subject end as subject,
            case when is_ours then text end as text
          from (select id, created_at, subject, text, text like ${containing(`/p/${projectId}`)} as is_ours from mails
            where id > ${cursor ?? lowest}::uuid and id <= ${until}::uuid order by id limit ${pageMails}) page order by id`,
    );
    const items: Item[] = [];
    for (const { id, subject, text, at } of page) {
      const where = new Where();
      where.add("subject", finder.text(subject ?? ""));
      where.add("text", finder.text(text ?? ""));
      if (!where.isFound) continue;
      const { places, excerpt } = where;
      items.push({
        kind: "mail",
        itemId: id,
        via: "found",
        places,
        excerpt,
        at: new Date(at),
        source: "mails",
      });
    }
    return { items, seen: page.length, cursor: page.length < pageMails ? null : (page.at(-1)?.id ?? null) };
  },
};
