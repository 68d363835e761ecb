import type { Database } from "@/db/client";
import { LruMap } from "@/lib/lru-map";
import { atMost, type Pace } from "./pace";

type Person = { userId: string; email: string; pseudonym: string };

const pageRows = 4_000;
const lowest = "00000000-0000-0000-0000-000000000000";

type Place = {
  table: string;
  columns: string[];
  json?: string[];
  /** SQL over the row `t` and `$5` (their id): what it tells is of them alone. It is no part of what happened, and goes. */
  own?: string;
};

/** Tables that name people in text, by what of them is text (`t` is the row); those with `json` hold it in jsonb. */
const places: Place[] = [
  {
    table: "audit_events",
    columns: ["actor_label"],
    json: ["before", "after"],
    own: "t.event in ('user.create', 'user.update') and t.item_id = $5::text",
  },
  { table: "snapshots", columns: ["created_by"] },
  { table: "person_requests", columns: ["created_by_label", "wipe_by_label"] },
  { table: "wipe_certificates", columns: ["by_label"] },
  { table: "library_versions", columns: ["created_by"] },
  { table: "projects", columns: [], json: ["unresolved_credentials"] },
  { table: "mails", columns: ["subject", "text", "error"] },
  { table: "notices", columns: ["subject", "error"], json: ["data"] },
];

/**
 * How far this process has come with whom: what several calls do is one walk. Another process begins anew, which finds what is
 * renamed already.
 */
const walks = new LruMap<string, { place: number; after: string }>(100);

/**
 * Writes a pseudonym wherever the record, or what is kept beside it, names a person who is gone. It walks each table by id,
 * a page a statement, and waits for no lock. Returns whether it came to the end; when not, the next call goes on from there.
 */
export async function renameEverywhere(database: Database, person: Person, pace: Pace): Promise<boolean> {
  const walk = walks.get(person.userId) ?? { place: 0, after: lowest };
  walks.set(person.userId, walk);
  for (let at = places[walk.place]; at; at = places[walk.place]) {
    const { table, own } = at;
    if (!pace.goesOn()) return false;
    const most = atMost(pageRows, pace.portion(table));
    const values = [walk.after, patternOf(person.email), person.pseudonym, most];
    const [page] = await pace.run(table, () =>
      database.query<{ last: string | null }>(renamePage(at), own ? [...values, person.userId] : values),
    );
    if (page?.last) walk.after = page.last;
    else Object.assign(walk, { place: walk.place + 1, after: lowest });
  }
  walks.delete(person.userId);
  return true;
}

function renamePage({ table, columns, json = [], own }: Place): string {
  const mentions = [...columns, ...json.map((column) => `${column}::text`)].map(
    (column) => `coalesce(${column} ~ $2, false)`,
  );
  const kept = (change: string) => (own ? `case when ${own} then null else ${change} end` : change);
  const changes = [
    ...columns.map((column) => `${column} = regexp_replace(t.${column}, $2, $3, 'g')`),
    ...json.map((column) => `${column} = ${kept(`regexp_replace(t.${column}::text, $2, $3, 'g')::jsonb`)}`),
  ];
  return `/* all tenants: whoever names the person */ with page as (
      select id from ${table} where id > $1::uuid order by id limit $4::int
    ),
    named as (
      select id from ${table} t where id in (select id from page) and (${[...mentions, own ?? "false"].join(" or ")})
      for update skip locked
    ),
    renamed as (update ${table} t set ${changes.join(", ")} from named where t.id = named.id)
    select max(id::text) as last from page`;
}

/** The address as a whole: `a@b.org` is not named by `aa@b.org`, nor by `a@b.org.uk`. */
const patternOf = (email: string): string =>
  `(?<![[:alnum:]._%+-])${email.replace(/[^a-z0-9]/gi, "\\$&")}(?![[:alnum:]_-]|\\.[[:alnum:]])`;
