import { beforeAll, expect, test, vi } from "vitest";
import type { Database } from "@/db/client";
import { collectIssues } from "@/lib/domain/issue/collect";
import { EgressPolicy } from "@/lib/net/egress-policy";
import { createClinic } from "@/lib/testing/clinic";
import { ownTestDatabase } from "@/lib/testing/database";
import { addTestMember, contextFor, userContextFor } from "@/lib/testing/fixtures";
import { failure } from "@/lib/testing/scripted-runner";
import { setMyRule } from "./rules/set";
import { setNoticeSettings } from "./rules/settings";
import { stopRule } from "./rules/stop";
import { sendNotices } from "./send";

let database: Database;
beforeAll(async () => {
  database = await ownTestDatabase();
});

type Mail = { to: string; subject: string; text: string };
const mails = () => database.query<Mail>(`select "to", subject, text from mails order by id`);
const send = () => sendNotices({ database, policy: new EgressPolicy({}) }, "mail", 10_000);
const collect = () => collectIssues({ db: database.db, announce: () => {} }, { budgetMs: 60_000 });

/** A message for the clinic's hooked job, which ends as the script says. */
async function visit(clinic: Awaited<ReturnType<typeof createClinic>>, error?: string) {
  const message = await clinic.receive({ patient: 1 }, { to: clinic.triggers.hook });
  await clinic.execute(message, () => (error ? failure("JobError", error) : {}));
}

test("four runs succeed and one fails: the owner and admins have been notified, once, and nobody else", async () => {
  const clinic = await createClinic();
  const admin = await addTestMember(clinic.project, "admin");
  await addTestMember(clinic.project, "editor");
  await addTestMember(clinic.project, "viewer");
  for (let n = 0; n < 4; n++) await visit(clinic);
  await visit(clinic, "Patient 17 could not be created");
  await collect();
  await send();
  const found = await mails();
  expect(found.map(({ to }) => to).sort()).toEqual([clinic.ctx.actor.label, admin.email].sort());
  for (const { text } of found)
    for (const part of [
      clinic.project.name,
      "Hook",
      "Hooked",
      "could not be created",
      `/p/${clinic.project.id}/`,
    ])
      expect(text).toContain(part);
  await visit(clinic, "Patient 18 could not be created");
  await collect();
  await send();
  expect(await mails()).toHaveLength(2);
});

test("what happens in quiet hours is told in one mail when they end, and not what was stopped meanwhile", async () => {
  await database.query("delete from mails");
  const clinic = await createClinic();
  const owner = {
    id: "userId" in clinic.ctx.actor ? clinic.ctx.actor.userId : "",
    email: clinic.ctx.actor.label,
  };
  const viewer = await addTestMember(clinic.project, "viewer");
  await setMyRule(contextFor(viewer, clinic.project, "viewer"), { atOnce: true });
  const now = new Date();
  const minute = (from: number) => new Date(now.getTime() + from * 60_000).toISOString().slice(11, 16);
  for (const person of [owner, viewer])
    await setNoticeSettings(userContextFor(person), { quietHours: { from: minute(-120), to: minute(240) } });
  for (const error of ["no such patient", "the registry is closed", "the form is too old"])
    await visit(clinic, error);
  await collect();
  await send();
  expect(await mails()).toEqual([]);
  await stopRule(database.db, { userId: viewer.id, projectId: clinic.project.id, kind: "at_once" });
  // The hours are over for all of them at the same moment.
  await database.query(
    "update notices set next_at = now() - interval '1 minute', claimed_at = null where project_id = $1",
    [clinic.project.id],
  );
  await vi.waitFor(
    async () => {
      await send();
      expect(await mails()).toHaveLength(1);
    },
    { timeout: 30_000 },
  );
  const [mail] = await mails();
  expect(mail?.to).toBe(owner.email);
  expect(mail?.subject).toContain("3");
  const states = await database.query(
    "select user_id as id, state, count(*)::int as n from notices where project_id = $1 group by 1, 2",
    [clinic.project.id],
  );
  expect(new Set(states)).toEqual(
    new Set([
      { id: owner.id, state: "sent", n: 3 },
      { id: viewer.id, state: "stopped", n: 3 },
    ]),
  );
});
