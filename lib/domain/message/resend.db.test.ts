import { randomUUID } from "node:crypto";
import { gzipSync } from "node:zlib";
import { beforeEach, describe, expect, test } from "vitest";
import { ZodError } from "zod";
import { getMessageState } from "@/lib/domain/run/payloads";
import { type Clinic, createClinic } from "@/lib/testing/clinic";
import { testDatabase } from "@/lib/testing/database";
import { expectAudit, expectRefusal } from "@/lib/testing/fixtures";
import { getMessageBody } from "./body";
import { getMessage } from "./get";
import { listMessages } from "./list";
import { readMessageAs } from "./read-as";
import { resendMessage } from "./resend";

const database = testDatabase();
let clinic: Clinic;
beforeEach(async () => {
  clinic = await createClinic();
});
const resend = (messageId: string, body: string, contentType?: string) =>
  resendMessage(clinic.ctx, { messageId, body, ...(contentType === undefined ? {} : { contentType }) });

const rowOf = async (id: string) =>
  (await database.query("select * from messages where id = $1", [id]))[0] ?? {};
const ordersOf = (messageId: string) =>
  database.query<{ workflow_id: string; trigger_id: string; priority: string; state: string; run: string }>(
    `select o.workflow_id, o.trigger_id, r.priority, r.state, r.id as run from work_orders o join runs r on r.work_order_id = o.id
     where o.message_id = $1 order by o.id`,
    [messageId],
  );
const requested = async (runId: string) =>
  (await database.query<{ data: unknown }>("select data from outbox where data->>'runId' = $1", [runId])).map(
    (row) => row.data,
  );

describe("an edited copy", () => {
  test("is matched anew and queued ahead of what arrives by itself", async () => {
    const id = await clinic.receive({ form: "other" });
    const sent = await resend(id, '{"form":"visit"}');
    const [order, ...others] = await ordersOf(sent.messageId);
    expect(others).toEqual([]);
    expect(order).toMatchObject({
      workflow_id: clinic.workflows.visit,
      trigger_id: clinic.triggers.visit,
      priority: "immediate",
      state: "pending",
    });
    expect(sent.runIds).toEqual([order?.run]);
    expect(await requested(order?.run ?? "")).toEqual([
      {
        runId: order?.run,
        projectId: clinic.project.id,
        workflowId: clinic.workflows.visit,
        priority: 100,
      },
    ]);
    expect(await rowOf(sent.messageId)).toMatchObject({ source: "resend", resent_from: id, matches: 1 });
    await clinic.execute(sent.messageId);
    const { jobStates } = await getMessage(clinic.ctx, sent.messageId);
    expect(jobStates.map((s) => [s.jobName, s.result])).toEqual([
      ["Referral", "success"],
      ["Payment", "success"],
    ]);
  });

  test("leaves the original as it was", async () => {
    const id = await clinic.receive({ form: "visit" }, { path: ["x"], search: "?a=1" });
    const [before, orders] = [await rowOf(id), await ordersOf(id)];
    const { messageId } = await resend(id, '{"form":"visit","edited":true}');
    expect(await rowOf(id)).toEqual(before);
    expect(await ordersOf(id)).toEqual(orders);
    expect(await getMessage(clinic.ctx, messageId)).toMatchObject({ path: ["x"], query: { a: "1" } });
  });

  test("that matches nothing is kept as unmatched", async () => {
    const id = await clinic.receive({ form: "visit" });
    const { messageId, runIds } = await resend(id, '{"form":"other"}');
    expect(runIds).toEqual([]);
    expect((await getMessage(clinic.ctx, messageId)).unmatched).toBe(true);
  });

  test("of an empty body is empty", async () => {
    const id = await clinic.receive({ form: "visit" });
    const { messageId } = await resend(id, "");
    expect(await getMessage(clinic.ctx, messageId)).toMatchObject({
      format: "empty",
      size: 0,
      unmatched: true,
    });
  });

  test("is not matched by filters that are off, nor by those of deleted workflows", async () => {
    const id = await clinic.receive({ form: "other" });
    await database.query("update triggers set enabled = false where id = $1", [clinic.triggers.visit]);
    expect((await resend(id, '{"form":"visit"}')).runIds).toEqual([]);
    await database.query("update triggers set enabled = true where id = $1", [clinic.triggers.visit]);
    await database.query("update workflows set deleted_at = now() where id = $1", [clinic.workflows.visit]);
    expect((await resend(id, '{"form":"visit"}')).runIds).toEqual([]);
  });

  test("is not matched by an excluded body", async () => {
    const id = await clinic.receive({ form: "other" });
    await database.query(`update triggers set exclusion = '{"test": true}' where id = $1`, [
      clinic.triggers.visit,
    ]);
    expect((await resend(id, '{"form":"visit","test":true}')).runIds).toEqual([]);
    expect((await resend(id, '{"form":"visit"}')).runIds).toHaveLength(1);
  });

  test("starts a workflow once, however many of its filters match", async () => {
    const id = await clinic.receive({ form: "other" });
    await database.query(
      `insert into triggers (project_id, workflow_id, type, inclusion) values ($1, $2, 'message_filter', '{}')`,
      [clinic.project.id, clinic.workflows.visit],
    );
    expect((await resend(id, '{"form":"visit"}')).runIds).toHaveLength(1);
  });

  test("is written down", async () => {
    const id = await clinic.receive({ form: "visit" });
    const { messageId } = await resend(id, "{}");
    const event = await expectAudit("message.resend", id);
    expect(event).toMatchObject({
      projectId: clinic.project.id,
      actorLabel: clinic.ctx.actor.label,
      after: { messageId },
    });
  });
});

describe("to a trigger's URL", () => {
  const receive = () => clinic.receive({ any: 1 }, { to: clinic.triggers.hook });

  test("goes to that workflow and to no filter", async () => {
    const id = await receive();
    const { messageId } = await resend(id, '{"form":"visit"}');
    expect((await ordersOf(messageId)).map((o) => [o.workflow_id, o.trigger_id])).toEqual([
      [clinic.workflows.hook, clinic.triggers.hook],
    ]);
    expect(await rowOf(messageId)).toMatchObject({ trigger_id: clinic.triggers.hook, matches: 1 });
  });

  test("is refused where a sender would be, and leaves nothing behind", async () => {
    const toHook = await receive();
    const toProject = await clinic.receive({ form: "visit" });
    const count = async () => (await listMessages(clinic.ctx, {})).items.length;
    const before = await count();
    await database.query("update triggers set enabled = false where id = $1", [clinic.triggers.hook]);
    const refusal = await expectRefusal(resend(toHook, "{}"), "conflict");
    expect(refusal.message).toContain("disabled");
    await expectRefusal(readMessageAs(clinic.ctx, { messageId: toHook, format: "text" }), "conflict");
    await resend(toProject, "{}");
    await database.query("update projects set inbox_enabled = false where id = $1", [clinic.project.id]);
    const closed = await expectRefusal(resend(toProject, "{}"), "conflict");
    expect(closed.message).toContain("switched off");
    expect(await count()).toBe(before + 1);
    await database.query("update triggers set enabled = true where id = $1", [clinic.triggers.hook]);
    expect((await resend(toHook, "{}")).runIds).toHaveLength(1);
  });

  test("is refused when the trigger or its workflow is gone, and leaves nothing behind", async () => {
    const id = await receive();
    await database.query("update workflows set deleted_at = now() where id = $1", [clinic.workflows.hook]);
    const refusal = await expectRefusal(resend(id, "{}"), "invalid");
    expect(refusal.message).toContain("gone");
    await database.query("delete from triggers where id = $1", [clinic.triggers.hook]);
    await expectRefusal(resend(id, "{}"), "invalid");
    expect((await listMessages(clinic.ctx, {})).items.map((row) => row.id)).toEqual([id]);
    expect(await database.query("select 1 from audit_events where item_id = $1", [id])).toEqual([]);
  });
});

describe("what the copy is", () => {
  test("keeps the original's type, which the sender may change", async () => {
    const id = await clinic.receive("<visit><name>Ada</name></visit>", { contentType: "application/xml" });
    const same = await getMessage(clinic.ctx, (await resend(id, "<visit><n>1</n></visit>")).messageId);
    expect(same).toMatchObject({
      format: "xml",
      contentType: "application/xml",
      headers: { "content-type": "application/xml" },
      view: { visit: { n: "1" } },
    });
    const changed = await getMessage(
      clinic.ctx,
      (await resend(id, "a=1&b=2", "application/x-www-form-urlencoded")).messageId,
    );
    expect(changed).toMatchObject({
      format: "form",
      contentType: "application/x-www-form-urlencoded",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      view: { a: "1", b: "2" },
    });
  });

  test("is not compressed, even where the original was", async () => {
    const id = await clinic.receive(gzipSync('{"form":"other"}'), { encoding: "gzip" });
    const { messageId } = await resend(id, '{"form":"visit"}');
    const copy = await getMessage(clinic.ctx, messageId);
    expect(copy.headers).not.toHaveProperty("content-encoding");
    expect(copy.body).toEqual({ encoding: "text", content: '{"form":"visit"}', truncated: false });
    expect(copy.unmatched).toBe(false);
  });

  test.each<[string, Uint8Array, string, string?]>([
    ["compressed", gzipSync('{"form":"visit","é":1}'), "application/json", "gzip"],
    [
      "a form in windows-1252",
      Buffer.from("form=visit&n=R%E9gion&m=\xe9", "latin1"),
      "application/x-www-form-urlencoded; charset=iso-8859-1",
    ],
    [
      "a form that does not say so",
      Buffer.from("form=visit&n=R%E9gion"),
      "application/x-www-form-urlencoded",
    ],
    [
      "XML in ISO-8859-1",
      Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><form>R\xe9</form>', "latin1"),
      "text/xml",
    ],
    [
      "XML in windows-1251, as declared",
      Buffer.from("<form>\xcf</form>", "latin1"),
      "text/xml; charset=windows-1251",
    ],
    ["JSON in UTF-16", Buffer.from('\ufeff{"form":"visit"}', "utf16le"), "application/json"],
    ["JSON after a mark", Buffer.from('\ufeff{"form":"visit"}'), "application/json"],
    ["text in Shift_JIS", Uint8Array.from([0x83, 0x65]), "text/plain; charset=shift_jis"],
    [
      "HL7 in ISO-8859-1",
      Buffer.from("MSH|^~\\&|A|B|C|D|1||ADT^A01|1|P|2.5||||||8859/1\rPID|||Zo\xeb", "latin1"),
      "application/hl7-v2",
    ],
    [
      "a multipart form",
      Buffer.from('--b\r\nContent-Disposition: form-data; name="n"\r\n\r\né\r\n--b--'),
      "multipart/form-data; boundary=b",
    ],
    ["nothing", Buffer.alloc(0), "application/json"],
  ])("of what came as %s, unedited, means the same", async (_, body, contentType, encoding) => {
    const id = await clinic.receive(body, { contentType, ...(encoding ? { encoding } : {}) });
    const original = await getMessage(clinic.ctx, id);
    expect(original.body.encoding).toBe("text");
    const { messageId } = await resend(id, original.body.content);
    const state = async (message: string) =>
      JSON.parse((await getMessageState(clinic.ctx, message)) ?? "").data;
    expect(await state(messageId)).toEqual(await state(id));
    const copy = await getMessage(clinic.ctx, messageId);
    expect([copy.format, copy.reading]).toEqual([original.format, null]);
    const bytes = Buffer.from((await getMessageBody(clinic.ctx, messageId)).body);
    expect(bytes.toString()).toBe(original.body.content);
  });

  test("is stored as the bytes of its UTF-8", async () => {
    const id = await clinic.receive({ form: "visit" });
    const text = '{"form":"visit","name":"Élodie ✓ 👩‍⚕️"}';
    const { messageId } = await resend(id, text);
    expect(Buffer.from((await getMessageBody(clinic.ctx, messageId)).body).toString()).toBe(text);
    expect((await rowOf(messageId)).size).toBe(Buffer.byteLength(text));
  });

  test.each([
    ["an escaped NUL", '{"form":"visit","a":"x\\u0000y"}', true],
    ["half a character, escaped", '{"form":"visit","a":"\\ud800"}', true],
    ["a number beyond a double", '{"form":"visit","a":1e999}', true],
    ["a plain NUL", '{"form":"visit","a":"x\u0000y"}', false],
    ["half a character", '{"form":"visit","a":"\ud800"}', true],
  ])("with %s is kept, although the database cannot hold it as JSON", async (_, body, isJson) => {
    const id = await clinic.receive({ form: "other" });
    const { messageId, runIds } = await resend(id, body);
    expect(runIds).toHaveLength(isJson ? 1 : 0);
    const stored = await getMessageBody(clinic.ctx, messageId);
    expect(Buffer.from(stored.body).equals(Buffer.from(body))).toBe(true);
    expect((await listMessages(clinic.ctx, {})).items[0]?.id).toBe(messageId);
  });

  test("of a type that nothing can hold is refused", async () => {
    const id = await clinic.receive({ form: "other" });
    await expect(resend(id, "{}", "text/\u0000plain")).rejects.toBeInstanceOf(ZodError);
  });
});

describe("nobody", () => {
  test("resends a stranger's message", async () => {
    const id = await clinic.receive({ form: "visit" });
    const stranger = await createClinic();
    await expectRefusal(resendMessage(stranger.ctx, { messageId: id, body: "{}" }), "not_found");
    await expectRefusal(resend(randomUUID(), "{}"), "not_found");
  });

  test("starts a stranger's workflow, even when a trigger id is theirs", async () => {
    const stranger = await createClinic();
    const id = await clinic.receive({ any: 1 }, { to: clinic.triggers.hook });
    await database.query("update messages set trigger_id = $2 where id = $1", [id, stranger.triggers.hook]);
    await expectRefusal(resend(id, "{}"), "invalid");
  });

  test("resends as a viewer", async () => {
    const id = await clinic.receive({ form: "visit" });
    await expectRefusal(resendMessage(clinic.as("viewer"), { messageId: id, body: "{}" }), "forbidden");
    expect((await resendMessage(clinic.as("editor"), { messageId: id, body: "{}" })).runIds).toEqual([]);
  });
});
