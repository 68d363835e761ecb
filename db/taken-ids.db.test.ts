import { randomUUID } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type OwnDatabase, ownDatabase } from "@/lib/testing/own-database";
import { bringUpToDate } from "./migrate";

const tag = "0007_taken-ids";
let own: OwnDatabase;
let dir: string;
let client: pg.Client;
const ids = {
  victim: randomUUID(),
  stranger: randomUUID(),
  deleted: randomUUID(),
  inbox: randomUUID(),
  workflow: randomUUID(),
  trigger: randomUUID(),
  removedTrigger: randomUUID(),
  takenOver: randomUUID(),
  removedJob: randomUUID(),
};

/** The migrations before this one, as the release before had them. */
function releaseBefore(): string {
  fs.cpSync("db/migrations", dir, { recursive: true });
  const file = path.join(dir, "meta/_journal.json");
  const journal: { entries: { tag: string }[] } = JSON.parse(fs.readFileSync(file, "utf8"));
  const at = journal.entries.findIndex((entry) => entry.tag === tag);
  fs.writeFileSync(file, JSON.stringify({ ...journal, entries: journal.entries.slice(0, at) }));
  return dir;
}

async function workflow(
  id: string,
  projectId: string,
  triggers: string[],
  versions: object[],
): Promise<void> {
  await client.query("insert into workflows (id, project_id, name) values ($1, $2, 'w')", [id, projectId]);
  for (const [version, graph] of versions.entries())
    await client.query(
      "insert into snapshots (project_id, workflow_id, lock_version, graph) values ($1, $2, $3, $4)",
      [projectId, id, version, JSON.stringify(graph)],
    );
  for (const trigger of triggers)
    await client.query(
      "insert into triggers (id, project_id, workflow_id, type) values ($1, $2, $3, 'webhook')",
      [trigger, projectId, id],
    );
}

const graph = (triggers: string[], jobs: string[] = []) => ({
  triggers: triggers.map((id) => ({ id })),
  jobs: jobs.map((id) => ({ id })),
  edges: [],
});

beforeAll(async () => {
  own = await ownDatabase();
  dir = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-taken-ids-"));
  client = new pg.Client({ connectionString: own.url });
  await client.connect();
  await bringUpToDate(client, releaseBefore());
  await client.query("insert into projects (id, name, inbox_id) values ($1, 'v', $2), ($3, 's', $4)", [
    ids.victim,
    ids.inbox,
    ids.stranger,
    randomUUID(),
  ]);
  const was = graph([ids.trigger, ids.removedTrigger, ids.takenOver], [ids.removedJob]);
  await workflow(ids.workflow, ids.victim, [ids.trigger], [was, graph([ids.trigger])]);
  await workflow(randomUUID(), ids.stranger, [ids.inbox, ids.takenOver], [graph([ids.inbox, ids.takenOver])]);
  await client.query(
    "insert into audit_events (project_id, actor_type, actor_label, event) values ($1, 'system', 'x', 'project.delete')",
    [ids.deleted],
  );
  await bringUpToDate(client);
});

afterAll(async () => {
  await client.end();
  await own.drop();
  fs.rmSync(dir, { recursive: true });
});

const owner = async (id: string) =>
  (await client.query("select project_id, kind from taken_ids where id = $1", [id])).rows[0];

it.each([
  ["a project", "victim", "victim", "project"],
  ["an inbox, although a stranger's trigger has its id", "inbox", "victim", "inbox"],
  ["a workflow", "workflow", "victim", "workflow"],
  ["a trigger", "trigger", "victim", "trigger"],
  ["a removed trigger", "removedTrigger", "victim", "trigger"],
  ["a removed job", "removedJob", "victim", "job"],
  ["a removed trigger that another project uses now", "takenOver", "stranger", "trigger"],
  ["a deleted project", "deleted", "deleted", "project"],
] as const)("the migration takes the id of %s", async (_, id, project, kind) => {
  expect(await owner(ids[id])).toEqual({ project_id: ids[project], kind });
});

it("removes the trigger that has the id of an inbox, so that nothing is ever delivered to it", async () => {
  const { rows } = await client.query("select id from triggers order by id");
  expect(rows.map((row) => row.id)).toEqual([ids.trigger, ids.takenOver].sort());
});
