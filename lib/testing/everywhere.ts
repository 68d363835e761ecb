import { testDatabase } from "./database";

/** The tables, and rows of them, that hold a text: as it is, in the bytes of a column, or in base64 at any place of them. */
export async function whereverStored(text: string): Promise<string[]> {
  const database = testDatabase();
  const tables = await database.query<{ name: string }>(
    `select quote_ident(schemaname) || '.' || quote_ident(tablename) as name from pg_tables
     where schemaname in ('public', 'durable')`,
  );
  const bytes = Buffer.from(text);
  const base64 = [0, 1, 2].map((shift) =>
    Buffer.concat([Buffer.alloc(shift), bytes])
      .toString("base64")
      .slice(shift === 0 ? 0 : 4, 4 * Math.floor((bytes.length + shift) / 3)),
  );
  const forms = [text, bytes.toString("hex"), ...base64].map((one) => one.toLowerCase());
  const found: string[] = [];
  for (const { name } of tables) {
    const rows = await database.query<{ row: string }>(
      `select left(t::text, 300) as row from ${name} t
       where exists (select 1 from unnest($1::text[]) form where position(form in lower(t::text)) > 0)`,
      [forms],
    );
    found.push(...rows.map(({ row }) => `${name}: ${row}`));
  }
  return found;
}
