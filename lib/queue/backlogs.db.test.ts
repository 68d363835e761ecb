import { randomUUID } from "node:crypto";
import { beforeEach, expect, test } from "vitest";
import { getProject } from "@/lib/domain/project/get";
import { listRefused } from "@/lib/domain/refused/list";
import { accept, type InboxHost } from "@/lib/inbox/accept";
import { inboxKeys } from "@/lib/inbox/keys";
import { type Clinic, createClinic } from "@/lib/testing/clinic";
import { ownTestDatabase } from "@/lib/testing/database";
import { Backlogs } from "./backlogs";

// Whoever looks, looks at all projects.
const database = await ownTestDatabase();
const limit = 100;
let clinic: Clinic;
let nowMs = 0;
let backlogs: Backlogs;
beforeEach(async () => {
  clinic = await createClinic();
  nowMs = 0;
  backlogs = new Backlogs({ database, limit, now: () => nowMs });
});

async function send(urlId: string, { headers = {} as Record<string, string>, method = "POST" } = {}) {
  const host: InboxHost = {
    query: database.query,
    ...(await inboxKeys(process.env.SECRET_KEY ?? "")),
    maxBodyBytes: 1_000,
  };
  const body = new TextEncoder().encode('{"form":"none"}');
  const request = { method, segments: [urlId], search: "", headers, body: new Blob([body]).stream() };
  return accept(request, host);
}
const hook = (headers: Record<string, string> = {}) => send(clinic.triggers.hook, { headers });

/** So many more runs that wait for their turn, or for something else. */
const wait = (count: number, waitsFor: string | null = null) =>
  database.query(
    `with o as (
       insert into work_orders (project_id, workflow_id, snapshot_id, trigger_id)
       select w.project_id, w.id, w.snapshot_id, $2 from workflows w cross join generate_series(1, $3::int) where w.id = $1 returning *
     )
     insert into runs (project_id, workflow_id, work_order_id, snapshot_id, starting_trigger_id, waits_for)
     select project_id, workflow_id, id, snapshot_id, trigger_id, $4 from o`,
    [clinic.workflows.hook, clinic.triggers.hook, count, waitsFor],
  );
/** The oldest so many end. */
const end = (count: number) =>
  database.query(
    `update runs set state = 'success', started_at = now(), finished_at = now() where id in (
       select id from runs where project_id = $1 and state = 'pending' and waits_for is null order by id limit $2)`,
    [clinic.project.id, count],
  );
const retryAfter = async () => Number((await hook()).headers["retry-after"]);

test("more than the limit waits: all that comes is answered 429 with when to come again, nothing is stored, and the project says so", async () => {
  await wait(limit + 1);
  expect((await hook()).status).toBe(200);
  await backlogs.look();
  const stored = () => database.query("select id from messages where project_id = $1", [clinic.project.id]);
  const before = await stored();
  for (const urlId of [clinic.triggers.hook, clinic.project.inboxId]) {
    const { status, body, headers } = await send(urlId);
    // Nobody knows the pace yet.
    expect([status, JSON.parse(body), headers["retry-after"]]).toEqual([
      429,
      {
        error: "too_many_requests",
        message: expect.stringMatching(/^Too many runs of this project wait, .* in (60|59|5\d)s\.$/),
        retry_after: expect.any(Number),
      },
      expect.stringMatching(/^(60|5\d)$/),
    ]);
  }
  expect(await stored()).toEqual(before);
  expect((await listRefused(clinic.ctx)).items).toMatchObject([{ cause: "backlog" }, { cause: "backlog" }]);
  const { fullSince, fullUntil } = await getProject(clinic.ctx);
  expect(Date.parse(fullUntil ?? "")).toBeGreaterThan(Date.parse(fullSince ?? ""));
});

test("Retry-After is the time that its runs take to make room, at the pace of lately", async () => {
  await wait(150);
  await backlogs.look();
  // Ten seconds: 20 end, while bulk acts and people ask for 10 more. 140 wait, 90 are room enough: 50 at 2 a second.
  await end(20);
  await wait(10);
  nowMs = 10_000;
  await backlogs.look();
  expect(await retryAfter()).toBeGreaterThan(15);
  expect(await retryAfter()).toBeLessThanOrEqual(25);
});

test("accepts again when a tenth of the limit has room, and is full again beyond the limit only", async () => {
  await wait(150);
  await backlogs.look();
  await end(55);
  await backlogs.look();
  expect((await hook()).status).toBe(429);
  await end(10);
  await backlogs.look();
  expect((await hook()).status).toBe(200);
  expect(await getProject(clinic.ctx)).toMatchObject({ fullSince: null, fullUntil: null });
  await wait(10);
  await backlogs.look();
  expect((await hook()).status).toBe(200);
});

test("a repeat gets the first answer, a look what it always gets, and another project's senders notice nothing", async () => {
  const other = await createClinic();
  const headers = { "idempotency-key": randomUUID() };
  const first = await hook(headers);
  await wait(limit + 1);
  await backlogs.look();
  const again = await hook(headers);
  expect([again.status, again.body, again.headers["x-waybill-repeat"]]).toEqual([200, first.body, "1"]);
  expect((await hook({ "idempotency-key": randomUUID() })).status).toBe(429);
  expect((await send(clinic.triggers.hook, { method: "GET" })).status).toBe(200);
  expect((await send(other.triggers.hook)).status).toBe(200);
});

test("what is paused or stands in a line is no backlog", async () => {
  await wait(limit, "resume");
  await wait(limit, "turn");
  await backlogs.look();
  expect((await hook()).status).toBe(200);
});

test("where nobody looks any more, messages are accepted when the time is over", async () => {
  await wait(limit + 1);
  await backlogs.look();
  await database.query("update projects set full_until = now() - interval '1 second' where id = $1", [
    clinic.project.id,
  ]);
  expect((await hook()).status).toBe(200);
  expect(await getProject(clinic.ctx)).toMatchObject({ fullSince: null, fullUntil: null });
});
