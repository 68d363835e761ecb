import { randomUUID } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { beforeAll, describe, expect, it, test } from "vitest";
import type { Database } from "@/db/client";
import type { Context } from "@/lib/domain/context";
import { listNotices } from "@/lib/domain/notice/list";
import { queueNotices } from "@/lib/domain/notice/queue";
import { sendNoticeAgain } from "@/lib/domain/notice/send-again";
import { tryChannel, tryMail } from "@/lib/domain/notice/try";
import { testDatabase } from "@/lib/testing/database";
import {
  addTestMember,
  contextFor,
  createTestProject,
  createTestUser,
  expectAudit,
  expectRefusal,
} from "@/lib/testing/fixtures";
import { changeChannel, deleteChannel, renewChannelSecret } from "./change";
import { createChannel } from "./create";
import { listChannels } from "./list";
import { signed } from "./sign";
import { openTarget } from "./target";

let database: Database;
beforeAll(() => {
  database = testDatabase();
});

const url = "https://hooks.example.org/services/secret-path?token=sesame";
async function owned() {
  const owner = await createTestUser();
  const project = await createTestProject({ owner });
  return { owner, project, ctx: contextFor(owner, project) };
}
const sealedOf = async ({ project }: Context, id: string) => {
  const [row] = await database.query<{ target: string }>("select target from notice_channels where id = $1", [
    id,
  ]);
  return { row, target: openTarget(project.id, id, row?.target ?? "") };
};
const audits = (id: string) =>
  database.query("select before, after from audit_events where item_id = $1", [id]);

describe("a channel", () => {
  it("keeps its address sealed: no list, record or answer holds it", async () => {
    const { ctx } = await owned();
    const made = await createChannel(ctx, { name: " On call ", type: "webhook", url });
    expect(made.secret).toMatch(/^whsec_/);
    const { row, target } = await sealedOf(ctx, made.id);
    expect(target).toEqual({ url, secret: made.secret });
    const shown = await listChannels(ctx);
    expect(shown).toMatchObject([
      { id: made.id, name: "On call", host: "hooks.example.org", disabledAt: null },
    ]);
    await changeChannel(ctx, { channelId: made.id, url: "https://other.example.org/also-secret-path" });
    for (const text of [JSON.stringify(row), JSON.stringify(shown), JSON.stringify(await audits(made.id))])
      expect(text).not.toMatch(/secret-path|sesame|whsec_/);
    await expectAudit("notice_channel.create", made.id);
    await expectAudit("notice_channel.update", made.id);
    expect(await listChannels(ctx)).toMatchObject([{ host: "other.example.org" }]);
    expect((await sealedOf(ctx, made.id)).target.secret).toBe(made.secret);
  });

  it("of Slack has no secret but its address", async () => {
    const { ctx } = await owned();
    const { id, secret } = await createChannel(ctx, { name: "Slack", type: "slack", url });
    expect(secret).toBeNull();
    await expectRefusal(renewChannelSecret(ctx, { channelId: id }), "conflict");
  });

  it.each([
    "ftp://example.org",
    "javascript:alert(1)",
    "https://user:pw@example.org",
    "nothing",
    "",
    "http://",
  ])("has no address such as %s", async (wrong) => {
    const { ctx } = await owned();
    await expect(createChannel(ctx, { name: "x", type: "slack", url: wrong })).rejects.toThrow();
    expect(await listChannels(ctx)).toEqual([]);
  });

  it("signs with the new secret and for a day with the old one", async () => {
    const { ctx } = await owned();
    const { id, secret: old } = await createChannel(ctx, { name: "Web", type: "webhook", url });
    const { secret, oldEndsAt } = await renewChannelSecret(ctx, { channelId: id });
    await expectAudit("notice_channel.renew_secret", id);
    expect(secret).not.toBe(old);
    const { target } = await sealedOf(ctx, id);
    const sign = (now: number) => signed(target, { id: "n1", body: "{}", now });
    for (const one of [old, secret]) new Webhook(one ?? "").verify("{}", sign(Date.now()));
    const over = Date.parse(oldEndsAt) + 1;
    expect(sign(over)["webhook-signature"]?.split(" ")).toHaveLength(1);
  });

  it("that is switched off is tried no more; switched on again it begins anew", async () => {
    const { ctx, owner } = await owned();
    const { id } = await createChannel(ctx, { name: "Web", type: "webhook", url });
    await changeChannel(ctx, { channelId: id, isOn: false });
    await expectRefusal(tryChannel(ctx, { channelId: id }), "conflict");
    await database.query(
      "update notice_channels set failures = 9, last_error = 'x', paused_until = now() where id = $1",
      [id],
    );
    await changeChannel(ctx, { channelId: id, isOn: true });
    expect(await listChannels(ctx)).toMatchObject([
      { disabledAt: null, failures: 0, lastError: null, pausedUntil: null },
    ]);
    const tested = await tryChannel(ctx, { channelId: id });
    const mailed = await tryMail(ctx);
    expect((await listNotices(ctx)).items).toMatchObject([
      { id: mailed.id, kind: "test", to: { person: owner.email, channel: null } },
      { id: tested.id, kind: "test", state: "waiting", to: { channel: { id } } },
    ]);
    await deleteChannel(ctx, { channelId: id });
    expect((await listNotices(ctx)).items).toMatchObject([{ id: mailed.id }]);
    await expectAudit("notice_channel.delete", id);
  });

  it.each(["editor", "viewer"] as const)("is nothing for a %s", async (role) => {
    const { ctx: asOwner, owner, project } = await owned();
    const { id } = await createChannel(asOwner, { name: "Web", type: "webhook", url });
    const ctx = contextFor(owner, project, role);
    for (const attempt of [
      () => listChannels(ctx),
      () => createChannel(ctx, { name: "x", type: "slack", url }),
      () => changeChannel(ctx, { channelId: id, isOn: false }),
      () => renewChannelSecret(ctx, { channelId: id }),
      () => deleteChannel(ctx, { channelId: id }),
      () => tryChannel(ctx, { channelId: id }),
      () => sendNoticeAgain(ctx, { noticeId: id }),
    ])
      await expectRefusal(attempt(), "forbidden");
  });
});

test("who manages sees what all were told, the others what they were told themselves", async () => {
  const { owner, project, ctx } = await owned();
  const viewer = await addTestMember(project, "viewer");
  const to = (userId: string) => ({
    kind: "issue" as const,
    key: randomUUID(),
    projectId: project.id,
    to: { userId },
    data: {},
    notBefore: null,
  });
  await queueNotices(database, [to(owner.id), to(viewer.id)]);
  const people = async (of: Context, state?: "waiting" | "unsent") =>
    (await listNotices(of, state ? { state } : {})).items.map((item) => item.to.person).sort();
  expect(await people(ctx)).toEqual([owner.email, viewer.email].sort());
  expect(await people(contextFor(viewer, project, "viewer"))).toEqual([viewer.email]);
  expect(await people(ctx, "unsent")).toEqual([]);
  const page = await listNotices(ctx, { limit: 1 });
  const rest = await listNotices(ctx, { limit: 1, cursor: page.nextCursor ?? "" });
  expect([page, rest].map(({ items }) => items.length)).toEqual([1, 1]);
  expect(rest.nextCursor).toBeNull();
});

test("only what could not be sent, or may not have arrived, is sent again, with a day before it", async () => {
  const { owner, project, ctx } = await owned();
  await tryMail(contextFor(owner, project));
  const [one] = (await listNotices(ctx)).items;
  const noticeId = one?.id ?? "";
  const become = (state: string) =>
    database.query(
      "update notices set state = $2, attempts = 30, handed_at = now(), not_before = now() - interval '2 days' where id = $1",
      [noticeId, state],
    );
  for (const state of ["sent", "waiting", "stopped"]) {
    await become(state);
    await expectRefusal(sendNoticeAgain(ctx, { noticeId }), "conflict");
  }
  for (const state of ["failed", "uncertain"]) {
    await become(state);
    await sendNoticeAgain(ctx, { noticeId });
    const [row] = await database.query(
      "select state, attempts, handed_at, not_before > now() - interval '1 hour' as fresh from notices where id = $1",
      [noticeId],
    );
    expect(row).toEqual({ state: "waiting", attempts: 0, handed_at: null, fresh: true });
  }
  expect(await audits(noticeId)).toHaveLength(2);
  await expectRefusal(sendNoticeAgain(ctx, { noticeId: randomUUID() }), "not_found");
});
