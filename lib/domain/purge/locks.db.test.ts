import { beforeAll, expect, test } from "vitest";
import type { Database } from "@/db/client";
import { deleteProject } from "@/lib/domain/project/delete";
import { executeRun } from "@/lib/execution/execute-run";
import { type Clinic, createClinic } from "@/lib/testing/clinic";
import { ownTestDatabase } from "@/lib/testing/database";
import { testExecutionHost } from "@/lib/testing/execution-host";
import { ScriptedRunner } from "@/lib/testing/scripted-runner";
import { carryOutDeletions } from "./due";

let database: Database;
beforeAll(async () => {
  database = await ownTestDatabase();
});

const engines = 4;
const rounds = 2;

/** Executes runs as several full engines would, until nothing is queued. What goes wrong is kept. */
function executeAll(queue: string[], failures: unknown[]) {
  const hosts = Array.from({ length: engines }, () => testExecutionHost(new ScriptedRunner()));
  let ended = 0;
  const work = async (host: (typeof hosts)[number]) => {
    for (let id = queue.shift(); id; id = queue.shift()) {
      await executeRun(host, id, (_, step) => step()).catch((error) => failures.push(error));
      ended++;
    }
  };
  const places = hosts.flatMap((host) => [host, host, host, host]).map(work);
  return { done: Promise.all(places), ended: () => ended };
}

async function waiting(clinic: Clinic, count: number): Promise<string[]> {
  for (let n = 0; n < count; n++) await clinic.receive({ form: "visit" });
  const runs = await database.query<{ id: string }>("select id from runs where project_id = $1 order by id", [
    clinic.project.id,
  ]);
  return runs.map(({ id }) => id);
}

test("a project of 803 waiting runs is deleted and purged under engines at work, and nobody fails", async () => {
  const purger = { database, announce: () => {}, forgetInEngine: async () => true };
  for (let round = 0; round < rounds; round++) {
    const clinic = await createClinic();
    const queue = await waiting(clinic, 803);
    const failures: unknown[] = [];
    const work = executeAll(queue, failures);
    while (work.ended() < 30) await new Promise((resolve) => setTimeout(resolve, 5));
    await deleteProject(clinic.ctx, { confirmName: clinic.project.name }, { atOnce: true });
    // As if it had waited for long: the purge begins among runs that are still under way.
    await database.query("update projects set deletes_at = now() - interval '2 hours' where id = $1", [
      clinic.project.id,
    ]);
    while (!(await carryOutDeletions(purger, 60_000)).isDone);
    await work.done;
    const deadlocks = failures.filter((error) => (error as { code?: string }).code === "40P01");
    expect(deadlocks).toEqual([]);
    const left = await database.query(
      "select 1 from runs where project_id = $1 union all select 1 from messages where project_id = $1",
      [clinic.project.id],
    );
    expect(left).toEqual([]);
  }
}, 120_000);
