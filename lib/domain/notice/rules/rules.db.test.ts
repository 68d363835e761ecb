import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { changeRole } from "@/lib/domain/member/change-role";
import { removeMember } from "@/lib/domain/member/remove";
import { type Clinic, createClinic } from "@/lib/testing/clinic";
import { testDatabase } from "@/lib/testing/database";
import {
  addTestMember,
  contextFor,
  createTestProject,
  expectAudit,
  expectRefusal,
  type TestUser,
  userContextFor,
} from "@/lib/testing/fixtures";
import { getMyRule, listChannelRules, listMemberRules, listMyRules } from "./list";
import { recipients } from "./recipients";
import { setChannelRule, setMyRule } from "./set";
import { getNoticeSettings, setNoticeSettings } from "./settings";
import { startRule, stoppable, stopRule } from "./stop";
import { isStillWanted } from "./wanted";

const database = testDatabase();
let clinic: Clinic;
let viewer: TestUser;
beforeEach(async () => {
  clinic = await createClinic();
  viewer = await addTestMember(clinic.project, "viewer");
});

const asViewer = () => contextFor(viewer, clinic.project, "viewer");
const ownerId = () => ("userId" in clinic.ctx.actor ? clinic.ctx.actor.userId : "");
const owner = () => ({ id: ownerId(), email: clinic.ctx.actor.label });
const now = new Date("2026-11-26T12:00:00Z");

async function channelOf(project: { id: string }): Promise<string> {
  const [row] = await database.query<{ id: string }>(
    "insert into notice_channels (project_id, name, type, target, host) values ($1, 'Ours', 'slack', 'x', 'example.org') returning id",
    [project.id],
  );
  return row?.id ?? "";
}

const told = async (status: "failed" | "lost" = "failed") =>
  (
    await recipients(database, {
      projectId: clinic.project.id,
      workflowId: clinic.workflows.visit,
      status,
      now,
    })
  ).map((one) => ("userId" in one ? one.userId : one.channelId));

describe("what somebody hears of a project", () => {
  test("is their role's until they choose, also when the role changes", async () => {
    expect(await getMyRule(clinic.ctx)).toMatchObject({ atOnce: true, digest: "never", isChosen: false });
    expect(await getMyRule(asViewer())).toMatchObject({ atOnce: false, isChosen: false });
    await changeRole(clinic.ctx, { userId: viewer.id, role: "admin" });
    expect(await getMyRule({ ...asViewer(), role: "admin" })).toMatchObject({
      atOnce: true,
      isChosen: false,
    });
    expect(await told()).toContain(viewer.id);
  });

  test("is chosen by everybody for themselves, bit by bit, and written down", async () => {
    const first = await setMyRule(asViewer(), { atOnce: true, statuses: ["lost", "failed", "lost"] }, now);
    expect(first).toMatchObject({
      atOnce: true,
      statuses: ["lost", "failed"],
      workflowIds: null,
      isChosen: true,
    });
    expect(await told()).toContain(viewer.id);
    const second = await setMyRule(
      asViewer(),
      { workflowIds: [clinic.workflows.hook], digest: "weekly" },
      now,
    );
    expect(second).toMatchObject({
      atOnce: true,
      statuses: ["lost", "failed"],
      workflowIds: [clinic.workflows.hook],
      digest: "weekly",
      nextDigestAt: "2026-11-30T08:00:00.000Z",
    });
    expect(await told()).not.toContain(viewer.id);
    expect(await getMyRule(asViewer())).toEqual(second);
    const [event] = await database.query<{ after: unknown; before: unknown }>(
      "select before, after from audit_events where project_id = $1 and event = 'notice_rule.update' order by id desc limit 1",
      [clinic.project.id],
    );
    expect(event).toEqual({
      before: { workflowIds: null, digest: "never" },
      after: { userId: viewer.id, workflowIds: [clinic.workflows.hook], digest: "weekly" },
    });
  });

  test("is the same when two change different parts at once", async () => {
    await Promise.all([
      setMyRule(asViewer(), { atOnce: true }),
      setMyRule(asViewer(), { digest: "daily" }),
      setMyRule(asViewer(), { statuses: ["lost"] }),
    ]);
    expect(await getMyRule(asViewer())).toMatchObject({ atOnce: true, digest: "daily", statuses: ["lost"] });
  });

  test("names workflows of the project that are there", async () => {
    const other = await createClinic();
    for (const id of [randomUUID(), other.workflows.visit])
      await expectRefusal(setMyRule(clinic.ctx, { workflowIds: [clinic.workflows.visit, id] }), "invalid");
    await expect(setMyRule(clinic.ctx, { workflowIds: [] })).rejects.toThrow();
    expect(await getMyRule(clinic.ctx)).toMatchObject({ isChosen: false });
  });

  test("is nobody's who is no member, and changes no more in a project that is being deleted", async () => {
    await removeMember(clinic.ctx, { userId: viewer.id });
    await expectRefusal(setMyRule(asViewer(), { atOnce: true }), "not_found");
    const closing = { ...clinic.ctx, project: { ...clinic.project, deletesAt: now } };
    await expectRefusal(setMyRule(closing, { atOnce: false }), "conflict");
  });

  test("is listed for each of a person's projects, and by the project for its owner and admins", async () => {
    await setMyRule(asViewer(), { digest: "daily" }, now);
    const another = await createTestProject({ name: `aa-${randomUUID()}`, owner: viewer });
    const mine = await listMyRules(userContextFor(viewer));
    expect(mine.items).toMatchObject([
      { id: another.id, role: "owner", rule: { atOnce: true, isChosen: false } },
      { id: clinic.project.id, role: "viewer", rule: { atOnce: false, digest: "daily", isChosen: true } },
    ]);
    const first = await listMyRules(userContextFor(viewer), { limit: 1 });
    const rest = await listMyRules(userContextFor(viewer), { cursor: first.nextCursor ?? "" });
    expect([...first.items, ...rest.items]).toEqual(mine.items);
    const members = await listMemberRules(clinic.ctx);
    expect(
      members.items.map(({ id, isReachable, rule }) => ({ id, isReachable, atOnce: rule.atOnce })),
    ).toEqual(
      [
        { id: ownerId(), isReachable: true, atOnce: true },
        { id: viewer.id, isReachable: true, atOnce: false },
      ].sort((a, b) => (a.id < b.id ? -1 : 1)),
    );
    await expectRefusal(listMemberRules(asViewer()), "forbidden");
    await expectRefusal(listChannelRules(asViewer()), "forbidden");
  });
});

describe("what goes to a channel", () => {
  test("is everything at once until an owner or admin chooses otherwise, in a zone of its own", async () => {
    const channelId = await channelOf(clinic.project);
    expect(await told()).toContain(channelId);
    await expectRefusal(setChannelRule(asViewer(), { channelId, atOnce: false }), "forbidden");
    await expectRefusal(setChannelRule(clinic.as("editor"), { channelId, atOnce: false }), "forbidden");
    const rule = await setChannelRule(
      clinic.as("admin"),
      { channelId, atOnce: false, digest: "daily", timeZone: "Africa/Nairobi" },
      now,
    );
    expect(rule).toMatchObject({ timeZone: "Africa/Nairobi", nextDigestAt: "2026-11-27T05:00:00.000Z" });
    expect(await told()).not.toContain(channelId);
    const moved = await setChannelRule(clinic.ctx, { channelId, timeZone: null }, now);
    expect(moved).toMatchObject({ timeZone: "UTC", nextDigestAt: "2026-11-27T08:00:00.000Z" });
    expect((await listChannelRules(clinic.ctx)).items).toEqual([
      { id: channelId, name: "Ours", isOn: true, rule: moved },
    ]);
    await expect(setChannelRule(clinic.ctx, { channelId, timeZone: "+02:00" })).rejects.toThrow();
  });

  test("is not for another project to choose", async () => {
    const channelId = await channelOf(await createTestProject());
    await expectRefusal(setChannelRule(clinic.ctx, { channelId, atOnce: false }), "not_found");
  });
});

describe("a person's zone and quiet hours", () => {
  const settings = (change: Parameters<typeof setNoticeSettings>[1]) =>
    setNoticeSettings(userContextFor(viewer), change, now);

  test("are none in UTC until they choose, and are checked", async () => {
    expect(await getNoticeSettings(userContextFor(viewer))).toEqual({ timeZone: "UTC", quietHours: null });
    const chosen = { timeZone: "Asia/Kathmandu", quietHours: { from: "21:30", to: "06:05" } };
    expect(await settings(chosen)).toEqual(chosen);
    expect(await getNoticeSettings(userContextFor(viewer))).toEqual(chosen);
    await expectAudit("user.set_notices", viewer.id);
    expect(await settings({ quietHours: null })).toEqual({ ...chosen, quietHours: null });
    for (const quietHours of [
      { from: "24:00", to: "06:00" },
      { from: "6:00", to: "07:00" },
      { from: "07:00", to: "07:00" },
    ])
      await expect(settings({ quietHours })).rejects.toThrow();
    for (const timeZone of [
      "+02:00",
      "Mars/Olympus",
      "",
      "x".repeat(101),
      "Europe/Berlin'; drop table users",
    ])
      await expect(settings({ timeZone })).rejects.toThrow();
  });

  test("move the digests that are to come to the same hour of the new clock, in every project", async () => {
    await setMyRule(asViewer(), { digest: "daily" }, now);
    await settings({ timeZone: "Africa/Nairobi" });
    expect(await getMyRule(asViewer())).toMatchObject({
      timeZone: "Africa/Nairobi",
      nextDigestAt: "2026-11-27T05:00:00.000Z",
    });
    expect((await getMyRule(clinic.ctx)).nextDigestAt).toBeNull();
  });
});

describe("the link in a mail", () => {
  const claims = (kind: "at_once" | "digest", userId = viewer.id) => ({
    userId,
    projectId: clinic.project.id,
    kind,
  });

  test("says what it would stop, and changes nothing by that", async () => {
    const of = claims("at_once", ownerId());
    const said = { project: clinic.project.name, email: owner().email, isStopped: false };
    expect(await stoppable(database.db, of)).toEqual(said);
    expect(await getMyRule(clinic.ctx)).toMatchObject({ isChosen: false });
  });

  test("stops what is told at once, of that project and person alone, as often as it is followed", async () => {
    const admin = await addTestMember(clinic.project, "admin");
    const elsewhere = await createTestProject({ owner: owner() });
    const of = claims("at_once", ownerId());
    const answers = await Promise.all([1, 2, 3].map(() => stopRule(database.db, of)));
    expect(answers.map((one) => one?.isStopped)).toEqual([true, true, true]);
    expect(await told()).toEqual([admin.id]);
    expect(await getMyRule(contextFor(owner(), elsewhere))).toMatchObject({ atOnce: true });
    const events = await database.query<{ actor_label: string; after: unknown }>(
      "select actor_label, after from audit_events where project_id = $1 and event = 'notice_rule.stop'",
      [clinic.project.id],
    );
    expect(events).toEqual([{ actor_label: owner().email, after: { userId: ownerId(), kind: "at_once" } }]);
    expect(await startRule(database.db, of)).toMatchObject({ isStopped: false });
    expect(new Set(await told())).toEqual(new Set([admin.id, ownerId()]));
  });

  test("stops digests and lets them begin again as they were, and leaves the rest", async () => {
    await setMyRule(asViewer(), { digest: "monthly", atOnce: true }, now);
    await stopRule(database.db, claims("digest"));
    expect(await getMyRule(asViewer())).toMatchObject({ digest: "never", nextDigestAt: null, atOnce: true });
    await startRule(database.db, claims("digest"), now);
    expect(await getMyRule(asViewer())).toMatchObject({
      digest: "monthly",
      nextDigestAt: "2026-12-01T08:00:00.000Z",
    });
  });

  test("is about nothing once its person has left, or of a project that they were never in", async () => {
    const stranger = { ...claims("at_once"), projectId: (await createTestProject()).id };
    await removeMember(clinic.ctx, { userId: viewer.id });
    for (const of of [stranger, claims("at_once"), claims("digest")]) {
      expect(await stoppable(database.db, of)).toBeNull();
      expect(await stopRule(database.db, of)).toBeNull();
      expect(await startRule(database.db, of)).toBeNull();
    }
    const [rules] = await database.query<{ n: number }>(
      "select count(*)::int as n from notice_rules where user_id = $1",
      [viewer.id],
    );
    expect(rules).toEqual({ n: 0 });
  });
});

describe("a notice that is about to be sent is still wanted", () => {
  const wanted = (
    kind: Parameters<typeof isStillWanted>[1]["kind"],
    of: { userId?: string; channelId?: string },
  ) => isStillWanted(database, { kind, projectId: clinic.project.id, userId: null, channelId: null, ...of });

  test("by whoever has not stopped it since, is a member still, and may be told", async () => {
    expect(await wanted("issue", { userId: ownerId() })).toBe(true);
    expect(await wanted("issue", { userId: viewer.id })).toBe(false);
    expect(await wanted("plan", { userId: viewer.id })).toBe(false);
    expect(await wanted("digest", { userId: viewer.id })).toBe(false);
    await setMyRule(asViewer(), { digest: "weekly" });
    expect(await wanted("digest", { userId: viewer.id })).toBe(true);
    await stopRule(database.db, { userId: ownerId(), projectId: clinic.project.id, kind: "at_once" });
    expect(await wanted("issue", { userId: ownerId() })).toBe(false);
    await removeMember(clinic.ctx, { userId: viewer.id });
    expect(await wanted("digest", { userId: viewer.id })).toBe(false);
  });

  test("by nobody of a project that is being deleted, nor who lacks the second factor it asks for", async () => {
    const channelId = await channelOf(clinic.project);
    await database.query("update projects set require_second_factor = true where id = $1", [
      clinic.project.id,
    ]);
    expect(await wanted("issue", { userId: ownerId() })).toBe(false);
    expect(await wanted("issue", { channelId })).toBe(true);
    await database.query("update projects set deletion_scheduled_at = now() where id = $1", [
      clinic.project.id,
    ]);
    expect(await wanted("issue", { channelId })).toBe(false);
  });

  test("by no channel whose rule has changed since, nor one of another project", async () => {
    const channelId = await channelOf(clinic.project);
    const theirs = await channelOf(await createTestProject());
    expect(await wanted("issue", { channelId: theirs })).toBe(false);
    expect(await wanted("issue", { channelId })).toBe(true);
    await setChannelRule(clinic.ctx, { channelId, atOnce: false });
    expect(await wanted("issue", { channelId })).toBe(false);
    expect(await wanted("test", { channelId })).toBe(true);
  });

  test("by a person without a project while their account stands, and by the operator", async () => {
    const of = { kind: "credential_expiry" as const, projectId: null, channelId: null };
    expect(await isStillWanted(database, { ...of, userId: viewer.id })).toBe(true);
    await database.query("update users set disabled_at = now() where id = $1", [viewer.id]);
    expect(await isStillWanted(database, { ...of, userId: viewer.id })).toBe(false);
    expect(await isStillWanted(database, { ...of, kind: "operator", userId: null })).toBe(true);
  });
});
