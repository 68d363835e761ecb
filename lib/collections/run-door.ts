import { sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { rows } from "@/db/rows";
import { findCollection, isCollectionAnywhere } from "@/lib/domain/collection/find";
import type { Door } from "./door";
import { missing, unauthorized } from "./problem";
import { readRunToken } from "./run-token";

/** Who brings a run's token, where nothing else is heard. Throws a `Problem` for who brings none. */
export const runsDoor = (request: Request, db: Db): Promise<Door> =>
  runDoor(db, /^bearer\s+(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1] ?? "");

/** Who asks with a run's token: a run that is under way, or a test of a draft that really sends, in its own project. Throws a `Problem` for any other token. */
export async function runDoor(db: Db, token: string): Promise<Door> {
  const pass = readRunToken(token);
  if (!pass) throw unauthorized();
  const { runId, projectId } = pass;
  const [run] = await rows(
    db,
    sql`select 1 from runs where id = ${runId}::uuid and project_id = ${projectId}::uuid and state = 'running'
        union all
        select 1 from test_runs where id = ${runId}::uuid and project_id = ${projectId}::uuid and state = 'running' and mode = 'send'`,
  );
  if (!run) throw unauthorized();
  const access = { db, project: { id: projectId }, runId };
  return {
    async open({ name, projectId: wanted }) {
      if (wanted !== undefined && wanted !== projectId) throw unauthorized();
      const collection = await findCollection(db, projectId, name);
      if (collection) return { access, collection };
      throw (await isCollectionAnywhere(db, name)) ? unauthorized() : missing();
    },
  };
}
