import { type SQL, sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { rows } from "@/db/rows";

/** A collection, and what it holds at the moment. */
export type FoundCollection = { id: string; projectId: string; contentsId: string };

const columns = sql.raw(`c.id, c.project_id as "projectId", c.contents_id as "contentsId"`);

/** The collection of a project with a name; undefined when there is none. */
export async function findCollection(
  db: Db,
  projectId: string,
  name: string,
): Promise<FoundCollection | undefined> {
  const [found] = await rows<FoundCollection>(
    db,
    sql`select ${columns} from collections c where c.project_id = ${projectId}::uuid and c.name = ${name}`,
  );
  return found;
}

/** Two at most of that name in projects that a person is in, `within` these where it is given. */
export async function findTheirCollections(
  db: Db,
  userId: string,
  name: string,
  within?: readonly string[],
): Promise<FoundCollection[]> {
  const bound: SQL = within ? sql`m.project_id = any(${sql.param([...within])}::uuid[])` : sql`true`;
  return rows<FoundCollection>(
    db,
    sql`select ${columns} from project_members m join collections c on c.project_id = m.project_id and c.name = ${name}
        where m.user_id = ${userId}::uuid and ${bound} order by c.id limit 2`,
  );
}

/** Whether anybody's project has a collection of that name. */
export async function isCollectionAnywhere(db: Db, name: string): Promise<boolean> {
  const found = await rows(
    db,
    sql`/* all tenants: who may not read it is answered otherwise than who misspelt it */ select 1 from collections where name = ${name} limit 1`,
  );
  return found.length > 0;
}
