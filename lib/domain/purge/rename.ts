import type { Database } from "@/db/client";
import type { Pace } from "./pace";

type Person = { userId: string; email: string; pseudonym: string };

const pageRows = 1_000;
const lowest = "00000000-0000-0000-0000-000000000000";

/** Tables that name people in text, by what of them is text (`t` is the row); those with `json` hold it in jsonb. */
const places: { table: string; columns: string[]; json?: string[] }[] = [
  { table: "audit_events", columns: ["actor_label"], json: ["before", "after"] },
  { table: "snapshots", columns: ["created_by"] },
  { table: "person_requests", columns: ["created_by_label", "wipe_by_label"] },
  { table: "wipe_certificates", columns: ["by_label"] },
  { table: "library_versions", columns: ["created_by"] },
  { table: "projects", columns: [], json: ["unresolved_credentials"] },
  { table: "mails", columns: ["subject", "text", "error"] },
  { table: "notices", columns: ["subject", "error"], json: ["data"] },
];

/**
 * Writes a pseudonym wherever the record, or what is kept beside it, names a person who is gone. It walks each table by id,
 * a page a statement, and waits for no lock. Returns whether it came to the end.
 */
export async function renameEverywhere(database: Database, person: Person, pace: Pace): Promise<boolean> {
  // What they told of themselves is not part of what happened.
  await database.query(
    `/* checked: a person's own */ update audit_events set before = null, after = null
     where event in ('user.create', 'user.update') and item_id = $1`,
    [person.userId],
  );
  for (const place of places) {
    let after = lowest;
    for (;;) {
      if (!pace.goesOn()) return false;
      const [page] = await pace.run(() =>
        database.query<{ last: string | null }>(renamePage(place), [
          after,
          patternOf(person.email),
          person.pseudonym,
        ]),
      );
      if (!page?.last) break;
      after = page.last;
    }
  }
  return true;
}

function renamePage({ table, columns, json = [] }: (typeof places)[number]): string {
  const mentions = [...columns, ...json.map((column) => `${column}::text`)].map(
    (column) => `coalesce(${column} ~ $2, false)`,
  );
  const changes = [
    ...columns.map((column) => `${column} = regexp_replace(t.${column}, $2, $3, 'g')`),
    ...json.map((column) => `${column} = regexp_replace(t.${column}::text, $2, $3, 'g')::jsonb`),
  ];
  return `/* all tenants: whoever names the person */ with page as (
      select id from ${table} where id > $1::uuid order by id limit ${pageRows}
    ),
    named as (
      select id from ${table} where id in (select id from page) and (${mentions.join(" or ")}) for update skip locked
    ),
    renamed as (update ${table} t set ${changes.join(", ")} from named where t.id = named.id)
    select max(id::text) as last from page`;
}

/** The address as a whole: `a@b.org` is not named by `aa@b.org`, nor by `a@b.org.uk`. */
const patternOf = (email: string): string =>
  `(?<![[:alnum:]._%+-])${email.replace(/[^a-z0-9]/gi, "\\$&")}(?![[:alnum:]_-]|\\.[[:alnum:]])`;
