import { beforeEach, describe, expect, test } from "vitest";
import { type Clinic, createClinic } from "@/lib/testing/clinic";
import { testDatabase } from "@/lib/testing/database";
import { expectAudit, expectRefusal } from "@/lib/testing/fixtures";
import { createMessage } from "./create";
import { getMessage } from "./get";
import { listMessages } from "./list";

const database = testDatabase();
let clinic: Clinic;
beforeEach(async () => {
  clinic = await createClinic();
});

describe("a message that a person puts in", () => {
  test("is matched and processed as if a sender had sent it, ahead of what arrives by itself", async () => {
    const { messageId, runIds } = await createMessage(clinic.ctx, { body: '{"form":"visit","n":1.50}' });
    const [row] = await database.query(
      `select m.source, m.method, m.headers, m.format, convert_from(m.body, 'UTF8') as body, m.sent_by, m.resent_from, m.matches, r.priority
       from messages m join runs r on r.message_id = m.id where m.id = $1`,
      [messageId],
    );
    expect(row).toMatchObject({
      ...{ source: "manual", method: "POST", format: "json", body: '{"form":"visit","n":1.50}', matches: 1 },
      ...{ headers: { "content-type": "application/json" }, resent_from: null, priority: "immediate" },
    });
    expect(runIds).toHaveLength(1);
    await clinic.execute(messageId);
    const { jobStates, source } = await getMessage(clinic.ctx, messageId);
    expect(source).toBe("manual");
    expect(jobStates.map((s) => [s.jobName, s.result])).toEqual([
      ["Referral", "success"],
      ["Payment", "success"],
    ]);
    await expectAudit("message.create", messageId);
  });

  test("is kept when nothing asks for it, whatever its type and charset say", async () => {
    const { messageId, runIds } = await createMessage(clinic.ctx, {
      body: "name=Zoë",
      contentType: "application/x-www-form-urlencoded; charset=iso-8859-1",
    });
    expect(runIds).toEqual([]);
    const { body, format } = await getMessage(clinic.ctx, messageId);
    expect([format, body.content]).toEqual(["form", "name=Zoë"]);
    const { items } = await listMessages(clinic.ctx, { state: "unmatched" });
    expect(items.map((one) => one.id)).toEqual([messageId]);
  });

  test("goes to a webhook's own URL when that is chosen, and not to one that is off or not there", async () => {
    const [webhook] = await database.query<{ id: string }>(
      "update triggers set type = 'webhook', inclusion = null where id = $1 returning id",
      [clinic.triggers.visit],
    );
    const triggerId = webhook?.id ?? "";
    const sent = await createMessage(clinic.ctx, { body: "{}", triggerId });
    expect(sent.runIds).toHaveLength(1);
    await database.query("update triggers set enabled = false where id = $1", [triggerId]);
    await expectRefusal(createMessage(clinic.ctx, { body: "{}", triggerId }), "conflict");
    await database.query("update triggers set type = 'cron' where id = $1", [triggerId]);
    await expectRefusal(createMessage(clinic.ctx, { body: "{}", triggerId }), "invalid");
    expect((await listMessages(clinic.ctx, {})).items).toHaveLength(1);
  });

  test("is no viewer's, and not for a stranger's workflow", async () => {
    const other = await createClinic();
    await expectRefusal(
      createMessage(clinic.ctx, { body: "{}", triggerId: other.triggers.visit }),
      "invalid",
    );
    await expectRefusal(createMessage({ ...clinic.ctx, role: "viewer" }, { body: "{}" }), "forbidden");
  });
});
