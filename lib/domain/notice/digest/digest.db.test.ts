import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Database } from "@/db/client";
import { firstIdAt } from "@/lib/domain/id-range";
import { setChannelRule, setMyRule } from "@/lib/domain/notice/rules/set";
import { setNoticeSettings } from "@/lib/domain/notice/rules/settings";
import { type Clinic, createClinic } from "@/lib/testing/clinic";
import { ownTestDatabase } from "@/lib/testing/database";
import { addTestMember, contextFor, type TestUser, userContextFor } from "@/lib/testing/fixtures";
import type { RunState } from "@/lib/words";
import { digestContent } from "./content";
import { type About, countDigest } from "./count";
import { digestData } from "./data";
import { numbersOf } from "./numbers";
import { sendDigests } from "./send";

let database: Database;
let clinic: Clinic;
let viewer: TestUser;
beforeAll(async () => {
  database = await ownTestDatabase();
});
beforeEach(async () => {
  for (const table of ["runs", "work_orders", "messages", "usage_days", "notices", "notice_rules", "issues"])
    await database.query(`delete from ${table}`);
  await counted("00000000-0000-0000-0000-000000000000");
  clinic = await createClinic();
  viewer = await addTestMember(clinic.project, "viewer");
});

/** Up to which id days have been counted. */
const counted = (id: string) =>
  database.query("update usage_counted set counted_to = $1, bytes_to = $1", [id]);

const asViewer = () => contextFor(viewer, clinic.project, "viewer");
/** A Thursday. */
const now = new Date("2026-11-26T12:00:00Z");
const later = (days: number, hours = 0) => new Date(now.getTime() + (days * 24 + hours) * 3_600_000);
/** A minute after the digest of a day from now is due. */
const due = (days = 1) => later(days, -3.9);

/** Runs that were queued at a moment, of as many messages. */
async function past(
  at: string,
  state: RunState,
  count: number,
  { of = clinic, workflow = "", seconds = 1 }: { of?: Clinic; workflow?: string; seconds?: number } = {},
): Promise<void> {
  await database.query(
    `with n as (select (overlay(id_at($1)::text placing right(uuid_v7()::text, 12) from 25))::uuid as id from generate_series(1, $4::int)),
     m as (insert into messages (id, project_id, source, method, path, query, headers, format, body, size, preview)
       select id, $2, 'inbox', 'POST', '{}', '{}', '{}', 'json', '', 0, '' from n),
     o as (insert into work_orders (id, project_id, workflow_id, snapshot_id, message_id, state)
       select n.id, $2, w.id, w.snapshot_id, n.id, $5 from n, workflows w where w.id = $3 returning *)
     insert into runs (id, project_id, workflow_id, work_order_id, message_id, snapshot_id, state, started_at, finished_at)
     select id, project_id, workflow_id, id, id, snapshot_id, state, $1::timestamptz, $1::timestamptz + make_interval(secs => $6) from o`,
    [at, of.project.id, workflow || of.workflows.hook, count, state, seconds],
  );
}

const issue = (
  first: string,
  { state = "open", changed = first, returned = 0, workflow = clinic.workflows.hook } = {},
) =>
  database.query(
    `insert into issues (project_id, workflow_id, error_type, title, fingerprint, run_state, first_seen_at, last_seen_at, last_run_id, state, changed_at, returned)
     values ($1, $2, 'JobError', 't', uuid_v7()::text, 'failed', $3, $3, uuid_v7(), $4, $5, $6)`,
    [clinic.project.id, workflow, first, state, changed, returned],
  );

const about = (more: Partial<About> = {}): About => ({
  projectId: clinic.project.id,
  workflowIds: null,
  digest: "daily",
  timeZone: null,
  ...more,
});
const exact = (count: number) => ({ count, isMore: false });

type Queued = {
  id: string;
  user_id: string | null;
  channel_id: string | null;
  data: unknown;
  not_before: Date;
};
const queued = () =>
  database.query<Queued>(
    "select id, user_id, channel_id, data, not_before from notices where kind = 'digest' order by id",
  );

describe("what a digest counts", () => {
  test("is what was queued in the period and in the one before, by how it stands, of this project alone", async () => {
    await past("2026-11-25T00:00:00Z", "success", 5);
    await past("2026-11-25T23:59:59Z", "failed", 2);
    await past("2026-11-24T12:00:00Z", "success", 3);
    await past("2026-11-26T00:00:00Z", "lost", 1);
    await past("2026-11-25T12:00:00Z", "failed", 7, { of: await createClinic() });
    const { numbers, before } = await countDigest(database, about(), now);
    expect(numbers).toMatchObject({
      messages: exact(7),
      runs: exact(7),
      states: { success: exact(5), failed: exact(2), lost: exact(0) },
    });
    expect(before).toMatchObject({ messages: exact(3), runs: exact(3), states: { success: exact(3) } });
  });

  test("goes by the days of the reader's clock", async () => {
    await past("2026-11-24T21:30:00Z", "success", 1);
    await past("2026-11-25T21:30:00Z", "success", 2);
    const { numbers } = await countDigest(database, about({ timeZone: "Africa/Nairobi" }), now);
    expect(numbers.runs).toEqual(exact(1));
  });

  test("is of the chosen workflows alone, where some were chosen", async () => {
    const { hook, visit } = clinic.workflows;
    await past("2026-11-25T10:00:00Z", "success", 4, { workflow: hook });
    await past("2026-11-25T10:00:00Z", "crashed", 1, { workflow: hook });
    await past("2026-11-25T10:00:00Z", "pending", 1, { workflow: hook });
    await past("2026-11-25T10:00:00Z", "failed", 9, { workflow: visit, seconds: 60 });
    await issue("2026-11-25T10:00:00Z", { workflow: visit });
    const of = await countDigest(database, about({ workflowIds: [hook] }), now);
    expect(of.numbers).toEqual({
      messages: null,
      runs: exact(6),
      states: { crashed: exact(1), success: exact(4) },
    });
    expect(of).toMatchObject({
      isOfSome: true,
      issues: { open: exact(0), begun: 0 },
      slowest: { workflowId: hook },
    });
    const both = await countDigest(database, about({ workflowIds: [hook, visit] }), now);
    expect(both).toMatchObject({
      numbers: { runs: exact(15) },
      issues: { open: exact(1) },
      slowest: { workflowId: visit, medianMs: 60_000 },
    });
  });

  test("is what the days say that have been counted, with the hours beside them; until then up to a bound", async () => {
    const period = { from: new Date("2026-11-23T21:00:00Z"), to: new Date("2026-11-25T21:00:00Z") };
    await past("2026-11-23T22:00:00Z", "success", 2);
    await past("2026-11-24T10:00:00Z", "success", 4);
    await past("2026-11-24T11:00:00Z", "failed", 1);
    await past("2026-11-25T20:00:00Z", "success", 3);
    const bounded = () => numbersOf(database, about(), period, { bound: 6 });
    expect(await bounded()).toMatchObject({
      messages: { count: 6, isMore: true },
      runs: { count: 6, isMore: true },
      states: { success: { count: 6, isMore: true }, failed: exact(1) },
    });
    await database.query(
      "insert into usage_days (project_id, day, runs, messages) values ($1, '2026-11-23', 2, 2), ($1, '2026-11-24', 5, 5)",
      [clinic.project.id],
    );
    await counted(firstIdAt("2026-11-24T12:00:00Z"));
    expect((await bounded()).runs.isMore).toBe(true);
    await counted(firstIdAt("2026-11-25T00:00:00Z"));
    expect(await bounded()).toMatchObject({
      messages: exact(10),
      runs: exact(10),
      states: { success: exact(9), failed: exact(1) },
    });
    // What was counted stays so when the rows are gone: then nothing is said to have succeeded that is not there.
    await database.query("delete from runs where state = 'failed' and project_id = $1", [clinic.project.id]);
    expect(await numbersOf(database, about(), period, { isKept: false })).toMatchObject({
      runs: exact(10),
      states: { success: exact(9), failed: exact(0) },
    });
  });

  test("says of issues which began, returned, were resolved and are open", async () => {
    await issue("2026-11-25T10:00:00Z");
    await issue("2026-11-24T10:00:00Z", { returned: 1, changed: "2026-11-25T11:00:00Z" });
    await issue("2026-11-01T10:00:00Z", { state: "resolved", changed: "2026-11-25T11:00:00Z" });
    await issue("2026-11-01T10:00:00Z", { state: "resolved", changed: "2026-11-20T11:00:00Z" });
    expect((await countDigest(database, about(), now)).issues).toEqual({
      open: exact(2),
      begun: 1,
      begunBefore: 1,
      returned: 1,
      resolved: 1,
    });
  });

  test("compares nothing with a time whose history has been deleted", async () => {
    await past("2026-11-25T10:00:00Z", "success", 4);
    const keep = (history: number) =>
      database.query("update projects set retention = jsonb_build_object('history', $2::int) where id = $1", [
        clinic.project.id,
        history,
      ]);
    await keep(2);
    expect((await countDigest(database, about(), now)).before).toBeNull();
    await keep(3);
    expect((await countDigest(database, about(), now)).before).not.toBeNull();
  });
});

describe("a digest that is due", () => {
  test("is queued once for each who chose one, whoever looks at the same time, and never before its hour", async () => {
    await past("2026-11-26T10:00:00Z", "success", 1);
    await setMyRule(asViewer(), { digest: "daily" }, now);
    await setMyRule(clinic.ctx, { digest: "weekly" }, now);
    expect(await sendDigests(database, 60_000, later(0, 19.9))).toBe(0);
    const counts = await Promise.all([1, 2, 3].map(() => sendDigests(database, 60_000, due())));
    expect(counts.reduce((sum, n) => sum + n)).toBe(1);
    expect(await queued()).toMatchObject([{ user_id: viewer.id }]);
    expect(await sendDigests(database, 60_000, due())).toBe(0);
    const [rule] = await database.query(
      "select next_digest_at, last_digest_at, last_digest_said from notice_rules where user_id = $1",
      [viewer.id],
    );
    expect(rule).toEqual({
      next_digest_at: new Date("2026-11-28T08:00:00Z"),
      last_digest_at: due(),
      last_digest_said: true,
    });
  });

  test("holds numbers and ids alone, and says them in its reader's words", async () => {
    await past("2026-11-26T10:00:00Z", "failed", 2, { seconds: 4 });
    await issue("2026-11-26T10:00:00Z");
    await setMyRule(asViewer(), { digest: "daily" }, now);
    await sendDigests(database, 60_000, due());
    const [notice] = await queued();
    expect(() => digestData.parse(notice?.data)).not.toThrow();
    const content = await digestContent.contentOf(database.db, {
      id: notice?.id ?? "",
      projectId: clinic.project.id,
      kind: "digest",
      key: "",
      userId: viewer.id,
      channelId: null,
      data: digestData.parse(notice?.data),
      notBefore: now,
      createdAt: now,
    });
    expect(content).toMatchObject({
      subject: `${clinic.project.name} on Thursday, 26 November 2026: 2 of 2 runs failed`,
      stop: "digest",
    });
    expect(content?.facts).toContainEqual({
      label: "Slowest workflow",
      value: "Hook: half of its runs took more than 4 s",
    });
  });

  test("is not sent when nothing happened and nothing is open, and the rule says so", async () => {
    await setMyRule(asViewer(), { digest: "daily" }, now);
    expect(await sendDigests(database, 60_000, due())).toBe(0);
    expect(await queued()).toEqual([]);
    const [rule] = await database.query(
      "select last_digest_at, last_digest_said from notice_rules where user_id = $1",
      [viewer.id],
    );
    expect(rule).toEqual({ last_digest_at: due(), last_digest_said: false });
    await issue("2026-11-01T10:00:00Z");
    expect(await sendDigests(database, 60_000, due(2))).toBe(1);
  });

  test("that was missed while nothing ran is made up for by the newest", async () => {
    await past("2026-12-05T10:00:00Z", "success", 1);
    await setMyRule(asViewer(), { digest: "daily" }, now);
    expect(await sendDigests(database, 60_000, new Date("2026-12-06T15:00:00Z"))).toBe(1);
    expect((await queued()).map(({ data }) => digestData.parse(data).from)).toEqual([
      "2026-12-05T00:00:00.000Z",
    ]);
    expect(await sendDigests(database, 60_000, new Date("2026-12-07T08:00:00Z"))).toBe(0);
  });

  test("waits for the end of quiet hours, and goes to channels by a clock of their own", async () => {
    await past("2026-11-26T10:00:00Z", "success", 1);
    await setNoticeSettings(userContextFor(viewer), { quietHours: { from: "22:00", to: "09:30" } }, now);
    await setMyRule(asViewer(), { digest: "daily" }, now);
    const [channel] = await database.query<{ id: string }>(
      "insert into notice_channels (project_id, name, type, target, host) values ($1, 'Ours', 'slack', 'x', 'example.org') returning id",
      [clinic.project.id],
    );
    await setChannelRule(
      clinic.ctx,
      { channelId: channel?.id ?? "", digest: "daily", timeZone: "Asia/Kathmandu" },
      now,
    );
    await sendDigests(database, 60_000, new Date("2026-11-27T08:00:00Z"));
    const found = await queued();
    expect(found.find(({ user_id }) => user_id)?.not_before).toEqual(new Date("2026-11-27T09:30:00Z"));
    expect(digestData.parse(found.find(({ channel_id }) => channel_id)?.data).timeZone).toBe(
      "Asia/Kathmandu",
    );
  });

  test("goes to nobody who has stopped it, or whose project is being deleted, and holds nobody else up", async () => {
    await past("2026-11-26T10:00:00Z", "success", 1);
    const other = await createClinic();
    await past("2026-11-26T10:00:00Z", "success", 1, { of: other });
    await setMyRule(other.ctx, { digest: "daily" }, now);
    await setMyRule(asViewer(), { digest: "daily" }, now);
    await database.query("update projects set deletion_scheduled_at = now() where id = $1", [
      clinic.project.id,
    ]);
    expect(await sendDigests(database, 60_000, due())).toBe(1);
    expect((await queued()).map(({ user_id }) => user_id)).not.toContain(viewer.id);
  });

  test("whose numbers cannot be had is tried again in a while, and holds nobody else up", async () => {
    await past("2026-11-26T10:00:00Z", "success", 1);
    const other = await createClinic();
    await past("2026-11-26T10:00:00Z", "success", 1, { of: other });
    await setMyRule(asViewer(), { digest: "daily" }, now);
    await setMyRule(other.ctx, { digest: "daily" }, now);
    const broken: Database = {
      ...database,
      query: async (text, values, name) => {
        if (text.includes("issues") && values?.[0] === clinic.project.id) throw new Error("too slow");
        return database.query(text, values, name);
      },
    };
    expect(await sendDigests(broken, 60_000, due())).toBe(1);
    expect(await sendDigests(database, 60_000, due())).toBe(0);
    expect(await sendDigests(database, 60_000, later(1, -3.7))).toBe(1);
    expect(await queued()).toHaveLength(2);
  });

  test("is queued once although whoever does it dies at every single statement", async () => {
    await past("2026-11-26T10:00:00Z", "success", 1);
    await setMyRule(asViewer(), { digest: "daily" }, now);
    const crash = new Error("killed");
    for (let survives = 0; ; survives++) {
      let statements = 0;
      const dying = async () => {
        if (statements++ >= survives) throw crash;
      };
      const mortal: Database = {
        ...database,
        query: async (...call) => {
          await dying();
          return database.query(...call);
        },
        transaction: (work) =>
          database.transaction((sql) =>
            work({
              query: async (...call) => {
                await dying();
                return sql.query(...call);
              },
            }),
          ),
      };
      // It comes to its hour again: who has died has said nothing of it.
      await database.query(
        "update notice_rules set next_digest_at = $1 where user_id = $2 and last_digest_at is null",
        [new Date("2026-11-27T08:00:00Z"), viewer.id],
      );
      const outcome = await sendDigests(mortal, 60_000, due()).catch((error) => error);
      expect((await queued()).length).toBeLessThanOrEqual(1);
      if (outcome === 1) break;
    }
    expect(await queued()).toHaveLength(1);
  });
});
