import { beforeAll, describe, expect, test } from "vitest";
import type { Database } from "@/db/client";
import { keepInput } from "@/lib/domain/dataclip/keep";
import { nameDataclip } from "@/lib/domain/dataclip/name";
import { rerunMessage } from "@/lib/domain/run/rerun";
import { type Clinic, createClinic, elevenSecondsLater } from "@/lib/testing/clinic";
import { testDatabase } from "@/lib/testing/database";
import { deleteMessages, deleteOrders } from "./delete-orders";
import { wipeMessages, wipeStates, wipeSteps } from "./wipe";

let database: Database;
let clinic: Clinic;
let stranger: Clinic;
beforeAll(async () => {
  database = testDatabase();
  clinic = await createClinic();
  stranger = await createClinic();
});

const secret = "Amina-Diallo-7781";
const visit = { form: "visit", patient: secret };
const of = (project: Clinic = clinic) => ({ projectId: project.project.id, why: "retention" as const });

/** A message that was processed: its payment failed, and was handled by Notify. Everything of it names the person. */
async function processed(inClinic: Clinic = clinic): Promise<string> {
  const id = await inClinic.receive(visit, { path: ["patients", secret], search: `?name=${secret}` });
  await inClinic.execute(
    id,
    ({ job }) =>
      job.id === inClinic.jobs.payment
        ? {
            reason: "fail",
            output: JSON.stringify({ data: secret }),
            error: { type: "JobError", message: `No account of ${secret}`, details: { who: secret } },
          }
        : { output: JSON.stringify({ data: secret }) },
    [{ seq: 0, at: Date.now(), level: "info", source: "JOB", message: `Hello ${secret}` }],
  );
  return id;
}

const stepsOf = async (messageId: string): Promise<string[]> =>
  (await database.query<{ id: string }>("select id from steps where message_id = $1", [messageId])).map(
    ({ id }) => id,
  );

/** Tables of the product with a row that mentions the text, however it is stored. */
async function mentions(text: string, projectId: string): Promise<string[]> {
  const tables = await database.query<{ name: string }>(
    "select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'",
  );
  const found: string[] = [];
  const hex = Buffer.from(text).toString("hex");
  for (const { name } of tables) {
    const parts: Record<string, string> = {
      log_lines: "step_id in (select id from steps where project_id = $1::uuid)",
      step_attempts: "step_id in (select id from steps where project_id = $1::uuid)",
    };
    const [columns] = await database.query<{ has: boolean }>(
      "select exists (select 1 from information_schema.columns where table_name = $1 and column_name = 'project_id' and table_schema = 'public') as has",
      [name],
    );
    const where = parts[name] ?? (columns?.has ? "project_id = $1::uuid" : null);
    if (!where) continue;
    const rows = await database.query(
      `select 1 from ${name} t where ${where} and (to_jsonb(t)::text like '%' || $2 || '%' or to_jsonb(t)::text like '%' || $3 || '%') limit 1`,
      [projectId, text, hex],
    );
    if (rows.length > 0) found.push(name);
  }
  return found;
}

describe("wiping", () => {
  test("leaves nothing that was said anywhere, and every id, number and state", async () => {
    const own = await createClinic();
    const id = await processed(own);
    const states = () =>
      database.query("select job_id, result from job_states where message_id = $1 order by job_id", [id]);
    const before = await states();
    expect(await mentions(secret, own.project.id)).toEqual(
      expect.arrayContaining(["messages", "stored_states", "steps", "log_lines"]),
    );
    const { wiped, steps } = await database.transaction(async (sql) => ({
      wiped: await wipeMessages(sql, of(own), [id]),
      steps: await wipeSteps(sql, of(own), await stepsOf(id)),
    }));
    expect(wiped).toEqual([id]);
    expect(steps).toHaveLength(3);
    expect(await mentions(secret, own.project.id)).toEqual([]);
    const [message] = await database.query(
      "select size, format, octet_length(body) as left, wiped_at is not null as wiped, wiped_for from messages where id = $1",
      [id],
    );
    expect(message).toEqual({
      size: JSON.stringify(visit).length,
      format: "json",
      left: 0,
      wiped: true,
      wiped_for: "retention",
    });
    const after = await database.query(
      "select exit_reason, error_type, log_lines, wiped_for from steps where message_id = $1 and exit_reason = 'fail'",
      [id],
    );
    expect(after).toEqual([
      { exit_reason: "fail", error_type: "JobError", log_lines: 1, wiped_for: "retention" },
    ]);
    expect(await states()).toEqual(before);
    expect(before).toHaveLength(3);
  });

  test("does each thing once, and counts what went", async () => {
    const own = await createClinic();
    const id = await processed(own);
    const wipe = () => database.transaction((sql) => wipeMessages(sql, of(own), [id]));
    expect(await wipe()).toEqual([id]);
    expect(await wipe()).toEqual([]);
    const [gone] = await database.query(
      "select gone_messages::int as n from usage_days where project_id = $1",
      [own.project.id],
    );
    expect(gone).toEqual({ n: 1 });
  });

  test("passes over what a run needs that has not ended", async () => {
    const id = await clinic.receive(visit);
    const none = await database.transaction((sql) => wipeMessages(sql, of(), [id]));
    expect(none).toEqual([]);
    await clinic.execute(id, () => ({ output: "{}" }));
    await elevenSecondsLater(id);
    const { runIds } = await rerunMessage(clinic.ctx, { messageId: id, jobId: clinic.jobs.referral });
    expect(runIds).toHaveLength(1);
    const steps = await stepsOf(id);
    const [left, leftSteps] = await database.transaction(async (sql) => [
      await wipeMessages(sql, of(), [id]),
      await wipeSteps(sql, of(), steps),
    ]);
    expect([left, leftSteps]).toEqual([[], []]);
  });

  test("passes over what somebody holds, and waits for nobody", async () => {
    const id = await processed();
    await database.transaction(async (holder) => {
      await holder.query("select 1 from messages where id = $1 for share", [id]);
      expect(await database.transaction((sql) => wipeMessages(sql, of(), [id]))).toEqual([]);
    });
    expect(await database.transaction((sql) => wipeMessages(sql, of(), [id]))).toEqual([id]);
  });

  test("leaves saved inputs alone", async () => {
    const { id } = await keepInput(clinic.ctx, { name: "A saved one", json: { data: secret } });
    expect(await database.transaction((sql) => wipeStates(sql, of(), [id]))).toEqual([]);
    await nameDataclip(clinic.ctx, { id, name: null });
    expect(await database.transaction((sql) => wipeStates(sql, of(), [id]))).toEqual([id]);
  });

  test("touches nothing of another project, whatever ids it is given", async () => {
    const theirs = await processed(stranger);
    const steps = await stepsOf(theirs);
    const orders = await database.query<{ id: string }>("select id from work_orders where message_id = $1", [
      theirs,
    ]);
    const ids = orders.map(({ id }) => id);
    const before = await mentions(secret, stranger.project.id);
    const gone = await database.transaction(async (sql) => [
      await wipeMessages(sql, of(), [theirs]),
      await wipeSteps(sql, of(), steps),
      await deleteOrders(sql, of(), ids),
      await deleteMessages(sql, of(), [theirs]),
    ]);
    expect(gone).toEqual([[], [], [], []]);
    expect(await mentions(secret, stranger.project.id)).toEqual(before);
  });
});

describe("deleting history", () => {
  test("takes a work order with everything of it, and its message when nothing points at it", async () => {
    const own = await createClinic();
    const id = await processed(own);
    const [order] = await database.query<{ id: string }>("select id from work_orders where message_id = $1", [
      id,
    ]);
    const stays = await database.transaction((sql) => deleteMessages(sql, of(own), [id]));
    expect(stays).toEqual([]);
    const gone = await database.transaction(async (sql) => [
      await deleteOrders(sql, of(own), [order?.id ?? ""]),
      await deleteMessages(sql, of(own), [id]),
    ]);
    expect(gone).toEqual([[order?.id], [id]]);
    expect(await mentions(secret, own.project.id)).toEqual([]);
    for (const table of ["messages", "work_orders", "runs", "steps", "dataclips", "job_states"])
      expect(await database.query(`select 1 from ${table} where project_id = $1`, [own.project.id])).toEqual(
        [],
      );
  });

  test("passes over what has not ended", async () => {
    const id = await clinic.receive(visit);
    const [order] = await database.query<{ id: string }>("select id from work_orders where message_id = $1", [
      id,
    ]);
    expect(await database.transaction((sql) => deleteOrders(sql, of(), [order?.id ?? ""]))).toEqual([]);
  });
});
