import { beforeEach, describe, expect, test } from "vitest";
import { startRun } from "@/lib/domain/run/start";
import { parseExact } from "@/lib/exact-json";
import { limits } from "@/lib/limits";
import { type Clinic, createClinic } from "@/lib/testing/clinic";
import { testDatabase } from "@/lib/testing/database";
import { expectAudit, expectRefusal } from "@/lib/testing/fixtures";
import { getDataclipBody } from "./body";
import { keepInput } from "./keep";
import { listSavedInputs } from "./list";
import { nameDataclip } from "./name";
import { listRecentInputs } from "./recent";

const database = testDatabase();
let clinic: Clinic;

beforeEach(async () => {
  clinic = await createClinic();
});

const names = async () => (await listSavedInputs(clinic.ctx)).items.map(({ name }) => name);
const clipOf = async (column: "input_dataclip_id" | "output_dataclip_id") =>
  (
    await database.query<{ id: string }>(
      `select ${column} as id from steps where project_id = $1 and ${column} is not null limit 1`,
      [clinic.project.id],
    )
  )[0]?.id ?? "";

describe("a saved input", () => {
  test("is a JSON object under a name, its numbers as written, without configuration", async () => {
    const json = parseExact(
      '{"data": {"n": 12345678901234567890.5}, "configuration": {"password": "secret"}}',
    );
    const saved = await keepInput(clinic.ctx, { name: "  Big ", json });
    expect(saved).toMatchObject({ name: "Big", type: "saved_input" });
    expect(await getDataclipBody(clinic.ctx, saved.id)).toBe('{"data":{"n":12345678901234567890.5}}');
    expect((await expectAudit("dataclip.create", saved.id)).after).toEqual({ name: "Big", size: saved.size });
  });

  test.each([
    ["a list", []],
    ["a text", "x"],
    ["nothing", null],
  ])("cannot be %s", async (_, json) => {
    await expect(async () => keepInput(clinic.ctx, { name: "x", json })).rejects.toThrow("JSON object");
  });

  test("is not larger than a state that is kept", async () => {
    const json = { data: "x".repeat(limits.keptStateBytes) };
    await expectRefusal(keepInput(clinic.ctx, { name: "x", json }), "invalid");
    expect(await names()).toEqual([]);
  });

  test("has a name of its own in its project", async () => {
    await keepInput(clinic.ctx, { name: "One", json: {} });
    const refusal = await expectRefusal(keepInput(clinic.ctx, { name: "One", json: {} }), "conflict");
    expect(refusal.message).toContain("has this name");
    const other = await createClinic();
    await keepInput(other.ctx, { name: "One", json: {} });
    expect(await names()).toEqual(["One"]);
  });

  test("can be any stored state: naming one makes it offered, null takes that back", async () => {
    await clinic.execute(await clinic.receive({ form: "visit" }), () => ({ output: '{"data":{"x":1}}' }));
    const id = await clipOf("output_dataclip_id");
    expect(await nameDataclip(clinic.ctx, { id, name: "Referred" })).toEqual({ id, name: "Referred" });
    expect((await listSavedInputs(clinic.ctx)).items).toMatchObject([
      { id, name: "Referred", type: "step_result" },
    ]);
    expect((await expectAudit("dataclip.name", id)).after).toEqual({ name: "Referred" });
    await keepInput(clinic.ctx, { name: "Other", json: {} });
    await expectRefusal(nameDataclip(clinic.ctx, { id, name: "Other" }), "conflict");
    expect(await nameDataclip(clinic.ctx, { id, name: null })).toEqual({ id, name: null });
    expect(await names()).toEqual(["Other"]);
  });

  test("is never wiped (reference 1b): the database keeps what has a name, whoever wipes", async () => {
    const { id } = await keepInput(clinic.ctx, { name: "Kept", json: {} });
    const wipe = "update dataclips set body = null, wiped_at = now() where id = $1";
    await expect(database.query(wipe, [id])).rejects.toThrow("dataclips_named_is_kept");
    await nameDataclip(clinic.ctx, { id, name: null });
    await database.query(wipe, [id]);
    const refusal = await expectRefusal(nameDataclip(clinic.ctx, { id, name: "Late" }), "conflict");
    expect(refusal.message).toContain("wiped");
    await expectRefusal(getDataclipBody(clinic.ctx, id), "not_found");
  });

  test("is listed by name, a page at a time, and found by a part of it", async () => {
    for (const name of ["b", "a", "C"]) await keepInput(clinic.ctx, { name, json: {} });
    const all = (await listSavedInputs(clinic.ctx)).items.map(({ name }) => name);
    const first = await listSavedInputs(clinic.ctx, { limit: 2 });
    const rest = await listSavedInputs(clinic.ctx, { limit: 2, cursor: first.nextCursor ?? undefined });
    expect([...first.items, ...rest.items].map(({ name }) => name)).toEqual(all);
    expect(rest.nextCursor).toBeNull();
    expect((await listSavedInputs(clinic.ctx, { text: "c" })).items.map(({ name }) => name)).toEqual(["C"]);
  });

  test("is read by every member and made by editors", async () => {
    const { id } = await keepInput(clinic.as("editor"), { name: "One", json: {} });
    expect((await listSavedInputs(clinic.as("viewer"))).items).toHaveLength(1);
    expect(await getDataclipBody(clinic.as("viewer"), id)).toBe("{}");
    await expectRefusal(keepInput(clinic.as("viewer"), { name: "Two", json: {} }), "forbidden");
    await expectRefusal(nameDataclip(clinic.as("viewer"), { id, name: "Two" }), "forbidden");
  });
});

describe("recent inputs", () => {
  test("of a job: what it last began with, each once, newest first, at most five as a rule", async () => {
    const messages: string[] = [];
    for (let i = 0; i < 6; i++) messages.unshift(await clinic.receive({ form: "visit", i }));
    for (const message of messages.toReversed()) await clinic.execute(message);
    const { items } = await listRecentInputs(clinic.ctx, { jobId: clinic.jobs.referral });
    expect(items.map(({ messageId }) => messageId)).toEqual(messages.slice(0, 5));
    expect(items[0]).toMatchObject({ dataclipId: null, preview: '{"form":"visit","i":5}' });
    const all = await listRecentInputs(clinic.ctx, { jobId: clinic.jobs.referral, limit: 20 });
    expect(all.items).toHaveLength(6);
  });

  test("of a job that follows another are states, and those that are gone are left out", async () => {
    const message = await clinic.receive({ form: "visit" });
    await clinic.execute(message, ({ job }) =>
      job.name === "Payment" ? { reason: "fail", output: '{"data":{"paid":false}}' } : {},
    );
    const asked = { jobId: clinic.jobs.notify };
    const [item] = (await listRecentInputs(clinic.ctx, asked)).items;
    expect(item).toMatchObject({ messageId: message, type: "step_result", name: null, preview: null });
    expect(await getDataclipBody(clinic.ctx, item?.dataclipId ?? "")).toContain("paid");
    await database.query("update dataclips set body = null, wiped_at = now() where id = $1", [
      item?.dataclipId,
    ]);
    expect((await listRecentInputs(clinic.ctx, asked)).items).toEqual([]);
  });

  test("of a workflow are those of its work orders, messages and states alike", async () => {
    const message = await clinic.receive({ form: "visit" });
    const workflowId = clinic.workflows.visit;
    const byHand = await startRun(clinic.ctx, {
      workflowId,
      json: { data: { form: "by hand" } },
      name: "Mine",
    });
    const again = await startRun(clinic.ctx, { workflowId, dataclipId: byHand.dataclipId ?? "" });
    expect(again.dataclipId).toBe(byHand.dataclipId);
    const { items } = await listRecentInputs(clinic.ctx, { workflowId });
    expect(items.map(({ messageId, dataclipId, name }) => [messageId, dataclipId, name])).toEqual([
      [null, byHand.dataclipId, "Mine"],
      [message, null, null],
    ]);
  });
});
