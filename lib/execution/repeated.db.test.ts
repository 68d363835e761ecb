import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { getDataclipBody } from "@/lib/domain/dataclip/body";
import { nameDataclip } from "@/lib/domain/dataclip/name";
import { deleteMessages, deleteOrders } from "@/lib/domain/retention/delete-orders";
import { wipeMessages, wipeStates } from "@/lib/domain/retention/wipe";
import { listRuns } from "@/lib/domain/run/list";
import { getStepOutput } from "@/lib/domain/run/payloads";
import { startRun } from "@/lib/domain/run/start";
import { postgresStorage } from "@/lib/execution/postgres/storage";
import { stateOf } from "@/lib/state/kept";
import { type Clinic, createClinic } from "@/lib/testing/clinic";
import { testDatabase } from "@/lib/testing/database";

const database = testDatabase();
const storage = postgresStorage(database);
let clinic: Clinic;
beforeEach(async () => {
  clinic = await createClinic();
});

type Output = { stepId: string; name: string; id: string };

const outputsOf = (messageId: string, of = clinic) =>
  database.query<Output>(
    `select id as "stepId", job_name as name, output_dataclip_id as id from steps where message_id = $1 and project_id = $2 and output_dataclip_id is not null order by id`,
    [messageId, of.project.id],
  );

const refers = async (id: string) =>
  (
    await database.query<{ to: string | null }>("select of_message as to from stored_states where id = $1", [
      id,
    ])
  )[0]?.to ?? null;

/** As everybody reads it. */
async function expectText({ stepId, id }: Output, text: string, of = clinic): Promise<void> {
  expect(await getStepOutput(of.ctx, stepId)).toBe(text);
  expect(await getDataclipBody(of.ctx, id)).toBe(text);
  const stored = await storage.readState(of.project.id, id);
  expect(stateOf(of.project.id, stored).text).toBe(text);
  expect(stored?.size).toBe(Buffer.byteLength(text));
}

const note = "Amina Diallo came with her daughter ".repeat(12);
const said = JSON.stringify({ form: "visit", note, é: "😀" });
const seen = (text: string) => `{"data":${text},"seen":true}`;

/** A message whose jobs have all returned the same, which repeats it. */
async function repeated(text = said, output = seen(text), of = clinic): Promise<[string, Output[]]> {
  const messageId = await of.receive(Buffer.from(text), { contentType: "application/json" });
  await of.execute(messageId, () => ({ output }));
  return [messageId, await outputsOf(messageId, of)];
}

const wiping = () => ({ projectId: clinic.project.id, why: "retention" as const });
const ordersOf = async (messageId: string) =>
  (await database.query<{ id: string }>("select id from work_orders where message_id = $1", [messageId])).map(
    ({ id }) => id,
  );

describe("a state that repeats what its message said", () => {
  test("is stored without that, once for each, and is what the job returned for whoever reads it", async () => {
    const [messageId, outputs] = await repeated();
    expect(outputs.length).toBe(2);
    for (const output of outputs) {
      expect(await refers(output.id)).toBe(messageId);
      await expectText(output, seen(said));
    }
    const [stored] = await database.query(
      "select body, text_before, text_after from stored_states where id = $1",
      [outputs[0]?.id],
    );
    expect(stored).toEqual({ body: null, text_before: '{"data":', text_after: ',"seen":true}' });
  });

  test("byte by byte, whatever the message said and the jobs made of it", async () => {
    const json = fc.jsonValue({ stringUnit: "binary", maxDepth: 2 });
    const padding = fc.oneof(fc.constant(""), fc.constant(note), fc.constant("é😀".repeat(60)));
    const texts = fc
      .record({ value: json, padding, form: fc.constant("visit"), indent: fc.constantFrom(undefined, 1) })
      .map(({ indent, ...value }) => JSON.stringify(value, null, indent))
      .map((text) => text.replaceAll("\\u0000", "0"));
    const shapes = fc.constantFrom<(text: string) => string>(
      seen,
      (text) => `{"😀é":"${"ü".repeat(200)}","data":${text},"again":${text}}`,
      (text) => JSON.stringify({ data: JSON.parse(text) }),
      (text) => JSON.stringify({ data: text }),
      (text) => text,
      (text) => `{"data":${text.slice(0, -1)},"more":1}}`,
      () => "{}",
    );
    let referring = 0;
    await fc.assert(
      fc.asyncProperty(texts, shapes, shapes, async (text, first, second) => {
        const messageId = await clinic.receive(Buffer.from(text), { contentType: "application/json" });
        const returned = (name: string) => (name === "Referral" ? first : second)(text);
        const began: string[] = [];
        await clinic.execute(messageId, ({ job, input }) => {
          if (job.name === "Notify") began.push(input);
          return job.name === "Payment"
            ? { reason: "fail", output: returned(job.name), error: { type: "JobError", message: "No" } }
            : { output: returned(job.name) };
        });
        const outputs = await outputsOf(messageId);
        expect(outputs.length).toBe(3);
        expect(began).toEqual([returned("Payment")]);
        const isLong = Buffer.byteLength(text) >= 256;
        for (const output of outputs) {
          const whole = returned(output.name);
          await expectText(output, whole);
          const isReferring = (await refers(output.id)) !== null;
          expect(isReferring).toBe(isLong && whole.includes(text));
          referring += isReferring ? 1 : 0;
        }
        await database.query("update messages set body = '', wiped_at = now() where id = $1", [messageId]);
        for (const output of outputs) await expectText(output, returned(output.name));
      }),
      { numRuns: 40 },
    );
    expect(referring).toBeGreaterThan(10);
  });

  test("is found by its text, and is what a run begins with", async () => {
    const [, [output]] = await repeated();
    if (!output) throw new Error("There is no output.");
    const { runId } = await startRun(clinic.ctx, {
      workflowId: clinic.workflows.hook,
      jobId: clinic.jobs.hooked,
      dataclipId: output.id,
    });
    const [run] = await storage.loadRuns([runId]);
    expect(stateOf(clinic.project.id, run?.clip ?? null).text).toBe(seen(said));
    const { items } = await listRuns(clinic.ctx, {
      text: "with her daughter",
      workflow: clinic.workflows.hook,
    });
    expect(items.map(({ id }) => id)).toEqual([runId]);
  });

  test.each([
    ["smaller than a reference is worth", JSON.stringify({ form: "visit", a: "b".repeat(100) })],
    ["so large that it may lie apart", JSON.stringify({ form: "visit", a: "b".repeat(16_400) })],
  ])("is stored whole where that is %s", async (_, text) => {
    const [messageId, outputs] = await repeated(text);
    for (const output of outputs) {
      expect(await refers(output.id)).toBeNull();
      await expectText(output, seen(text));
    }
    await database.transaction((sql) => wipeMessages(sql, wiping(), [messageId]));
    for (const output of outputs) await expectText(output, seen(text));
  });

  test("is stored whole where it hides something, and what is handed on is whole, too", async () => {
    const messageId = await clinic.receive(Buffer.from(said), { contentType: "application/json" });
    const shown = { text: `{"data":${said},"key":"***"}`, hidden: ["hunter2hunter2"] };
    const text = `{"data":${said},"key":"hunter2hunter2"}`;
    await clinic.execute(messageId, () => ({ output: text, shown }));
    const outputs = await outputsOf(messageId);
    for (const { id, stepId } of outputs) {
      expect(await refers(id)).toBeNull();
      expect(await getStepOutput(clinic.ctx, stepId)).toBe(shown.text);
      expect(stateOf(clinic.project.id, await storage.readState(clinic.project.id, id)).text).toBe(text);
    }
  });

  test("is stored whole when the message was wiped while the job ran", async () => {
    const messageId = await clinic.receive(Buffer.from(said), { contentType: "application/json" });
    let wiped: Promise<unknown> | undefined;
    const wipe = "update messages set body = '', wiped_at = now() where id = $1";
    await clinic.execute(messageId, async () => {
      wiped ??= database.query(wipe, [messageId]);
      await wiped;
      return { output: seen(said) };
    });
    for (const output of await outputsOf(messageId)) {
      expect(await refers(output.id)).toBeNull();
      await expectText(output, seen(said));
    }
  });

  test("is nothing of another project's, whatever ids it has", async () => {
    const [messageId] = await repeated();
    const stranger = await createClinic();
    const id = randomUUID();
    await database.query(
      `insert into stored_states (id, project_id, type, size, of_message, text_before, text_after) values ($1, $2, 'step_result', 9, $3, '{"data":', '}')`,
      [id, stranger.project.id, messageId],
    );
    expect(await storage.readState(stranger.project.id, id)).toMatchObject({ body: null });
    await expect(getDataclipBody(stranger.ctx, id)).rejects.toThrow("not kept");
    await database.query("update messages set body = '', wiped_at = now() where id = $1", [messageId]);
    expect(await storage.readState(stranger.project.id, id)).toMatchObject({ body: null });
  });
});

describe("before what the message said goes, its states get it back", () => {
  test("when it is wiped, and not when that is taken back", async () => {
    const [messageId, outputs] = await repeated();
    const stop = new Error("The engine has ended.");
    const interrupted = database.transaction(async (sql) => {
      expect(await wipeMessages(sql, wiping(), [messageId])).toEqual([messageId]);
      throw stop;
    });
    await expect(interrupted).rejects.toBe(stop);
    for (const output of outputs) {
      expect(await refers(output.id)).toBe(messageId);
      await expectText(output, seen(said));
    }
    await database.transaction((sql) => wipeMessages(sql, wiping(), [messageId]));
    for (const output of outputs) {
      expect(await refers(output.id)).toBeNull();
      await expectText(output, seen(said));
    }
  });

  test("when it is deleted with its history, and another work order begins with one of them", async () => {
    const [messageId, outputs] = await repeated();
    const [first, second] = outputs;
    if (!first || !second) throw new Error("Two jobs have returned something.");
    const [order] = await ordersOf(messageId);
    await database.query(
      `insert into work_orders (project_id, workflow_id, snapshot_id, dataclip_id)
       select project_id, workflow_id, snapshot_id, $2 from work_orders where id = $1`,
      [order, first.id],
    );
    await database.transaction(async (sql) => {
      expect(
        await deleteOrders(sql, { projectId: clinic.project.id }, await ordersOf(messageId)),
      ).toHaveLength(1);
      expect(await deleteMessages(sql, { projectId: clinic.project.id }, [messageId])).toEqual([messageId]);
    });
    expect(await getDataclipBody(clinic.ctx, first.id)).toBe(seen(said));
    expect(await refers(first.id)).toBeNull();
    await expect(getDataclipBody(clinic.ctx, second.id)).rejects.toThrow();
  });

  test("when it is named, and then it stays", async () => {
    const [messageId, [output]] = await repeated();
    if (!output) throw new Error("There is no output.");
    await nameDataclip(clinic.ctx, { id: output.id, name: "A visit" });
    expect(await refers(output.id)).toBeNull();
    await database.query("delete from messages where id = $1", [messageId]);
    expect(await getDataclipBody(clinic.ctx, output.id)).toBe(seen(said));
  });

  test("and what is wiped keeps nothing of it", async () => {
    const [messageId, outputs] = await repeated();
    const ids = outputs.map(({ id }) => id);
    expect(await database.transaction((sql) => wipeStates(sql, wiping(), ids))).toHaveLength(2);
    for (const { id } of outputs) {
      const [row] = await database.query(
        "select body, of_message, text_before, text_after from stored_states where id = $1",
        [id],
      );
      expect(row).toEqual({ body: null, of_message: null, text_before: null, text_after: null });
    }
    await database.transaction((sql) => wipeMessages(sql, wiping(), [messageId]));
    for (const { stepId } of outputs) expect(await getStepOutput(clinic.ctx, stepId)).toBeNull();
  });
});

describe("the release before", () => {
  test("reads states whole, and stores them whole", async () => {
    const [messageId, outputs] = await repeated();
    const ids = outputs.map(({ id }) => id);
    const read = await database.query(
      `select d.body from unnest($1::uuid[]) i (id) cross join lateral (
         select * from dataclips d where d.id = i.id and d.project_id = $2 limit 1) d`,
      [ids, clinic.project.id],
    );
    expect(read).toEqual([{ body: seen(said) }, { body: seen(said) }]);
    const [made] = await database.query<{ id: string }>(
      "insert into dataclips (project_id, type, body, sealed, size) values ($1, 'global', '{}', null, 2) returning id",
      [clinic.project.id],
    );
    expect(await getDataclipBody(clinic.ctx, made?.id ?? "")).toBe("{}");
    await database.query("update dataclips set name = 'mine' where id = $1", [ids[0]]);
    expect(await refers(ids[0] ?? "")).toBeNull();
    await database.query("delete from messages where id = $1", [messageId]);
    expect(await getDataclipBody(clinic.ctx, ids[0] ?? "")).toBe(seen(said));
  });

  test("wipes and deletes them", async () => {
    const [messageId, outputs] = await repeated();
    const ids = outputs.map(({ id }) => id);
    const wiped = await database.query(
      `with locked as (select id from dataclips where project_id = $1 and id = any($2::uuid[]) and wiped_at is null order by id for no key update skip locked),
       wiped as (update dataclips d set body = null, sealed = null, wiped_at = now(), wiped_for = 'person' from locked
         where d.id = locked.id and d.project_id = $1 returning d.id)
       select id from wiped`,
      [clinic.project.id, [ids[0]]],
    );
    expect(wiped).toEqual([{ id: ids[0] }]);
    expect(await getStepOutput(clinic.ctx, outputs[0]?.stepId ?? "")).toBeNull();
    const gone = await database.query(
      `delete from dataclips where ctid = any(array(
         select t.ctid from dataclips t where t.id = any($1::uuid[]) and t.project_id = $2 for update skip locked)) returning id`,
      [ids, clinic.project.id],
    );
    expect(gone).toHaveLength(2);
    expect(await database.query("select 1 from stored_states where of_message = $1", [messageId])).toEqual(
      [],
    );
  });
});
