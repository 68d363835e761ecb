import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { auditEvents, authMethods, triggers, workflows } from "@/db/schema";
import { authDigest, digestKey } from "@/lib/inbox/digest";
import { testDatabase } from "@/lib/testing/database";
import {
  contextFor,
  createTestProject,
  createTestUser,
  expectAudit,
  expectRefusal,
} from "@/lib/testing/fixtures";
import { createAuthMethod } from "./create";
import { deleteAuthMethod } from "./delete";
import { linkAuthMethod } from "./link";
import { listAuthMethods } from "./list";
import { revealAuthMethod } from "./reveal";

const password = "sender-password";

beforeAll(() => {
  testDatabase();
});

async function owned() {
  const owner = await createTestUser();
  const project = await createTestProject({ owner });
  return { owner, project, ctx: contextFor(owner, project) };
}

async function webhookOf(project: { id: string }, type: "webhook" | "cron" = "webhook") {
  const { db } = testDatabase();
  const [workflow] = await db
    .insert(workflows)
    .values({ projectId: project.id, name: `w-${Math.random()}` })
    .returning({ id: workflows.id });
  const [trigger] = await db
    .insert(triggers)
    .values({ projectId: project.id, workflowId: workflow?.id ?? "", type })
    .returning({ id: triggers.id });
  return trigger?.id ?? "";
}

describe("createAuthMethod", () => {
  it("stores what the inbox compares and an envelope, never the secret", async () => {
    const { ctx } = await owned();
    const method = await createAuthMethod(ctx, { type: "basic", name: "Kobo", username: "kobo", password });
    const { db } = testDatabase();
    const [row] = await db.select().from(authMethods).where(eq(authMethods.id, method.id));
    const key = await digestKey(process.env.SECRET_KEY ?? "");
    expect(row?.digest).toBe(await authDigest(key, "basic", `kobo:${password}`));
    expect(JSON.stringify(row)).not.toContain(password);
    await expectAudit("auth_method.create", method.id);
    expect(await revealAuthMethod(ctx, { authMethodId: method.id })).toEqual({
      username: "kobo",
      secret: password,
    });
    await expectAudit("auth_method.reveal", method.id);
    const events = await db.select().from(auditEvents).where(eq(auditEvents.itemId, method.id));
    expect(JSON.stringify(events)).not.toContain(password);
  });

  it("makes an API key where none is brought", async () => {
    const { ctx } = await owned();
    const made = await createAuthMethod(ctx, { type: "api", name: "made" });
    expect((await revealAuthMethod(ctx, { authMethodId: made.id })).secret).toMatch(/^wbk_/);
    const brought = await createAuthMethod(ctx, { type: "api", name: "brought", apiKey: "our-old-key" });
    expect(await revealAuthMethod(ctx, { authMethodId: brought.id })).toEqual({
      username: null,
      secret: "our-old-key",
    });
  });

  it("refuses a name that is used and a user name that Basic cannot carry", async () => {
    const { ctx } = await owned();
    await createAuthMethod(ctx, { type: "api", name: "one" });
    await expectRefusal(createAuthMethod(ctx, { type: "api", name: "one" }), "conflict");
    await expect(
      createAuthMethod(ctx, { type: "basic", name: "two", username: "a:b", password }),
    ).rejects.toThrow(/colon/);
  });
});

describe("linkAuthMethod", () => {
  it("says what a method protects, all of it, audited", async () => {
    const { ctx, project } = await owned();
    const { id } = await createAuthMethod(ctx, { type: "api", name: "k" });
    const [one, two] = [await webhookOf(project), await webhookOf(project)];
    await linkAuthMethod(ctx, { authMethodId: id, onInbox: true, triggerIds: [one, two, one] });
    await expectAudit("auth_method.link", id);
    const [listed] = (await listAuthMethods(ctx)).items;
    expect(listed).toMatchObject({ id, onInbox: true });
    expect(listed?.triggerIds.sort()).toEqual([one, two].sort());
    await linkAuthMethod(ctx, { authMethodId: id, triggerIds: [two] });
    expect((await listAuthMethods(ctx)).items).toMatchObject([{ onInbox: true, triggerIds: [two] }]);
  });

  it("links webhooks of its own project only, and changes nothing otherwise", async () => {
    const { ctx, project } = await owned();
    const foreign = await owned();
    const { id } = await createAuthMethod(ctx, { type: "api", name: "k" });
    const mine = await webhookOf(project);
    await linkAuthMethod(ctx, { authMethodId: id, triggerIds: [mine] });
    for (const other of [await webhookOf(foreign.project), await webhookOf(project, "cron")])
      await expectRefusal(linkAuthMethod(ctx, { authMethodId: id, triggerIds: [mine, other] }), "not_found");
    await expectRefusal(linkAuthMethod(foreign.ctx, { authMethodId: id, onInbox: true }), "not_found");
    expect((await listAuthMethods(ctx)).items).toMatchObject([{ onInbox: false, triggerIds: [mine] }]);
  });
});

it("deleteAuthMethod is audited, and is not for other projects", async () => {
  const { ctx } = await owned();
  const foreign = await owned();
  const { id } = await createAuthMethod(ctx, { type: "api", name: "k" });
  await expectRefusal(deleteAuthMethod(foreign.ctx, { authMethodId: id }), "not_found");
  await expectRefusal(revealAuthMethod(foreign.ctx, { authMethodId: id }), "not_found");
  expect((await listAuthMethods(foreign.ctx)).items).toEqual([]);
  await deleteAuthMethod(ctx, { authMethodId: id });
  await expectAudit("auth_method.delete", id);
  expect((await listAuthMethods(ctx)).items).toEqual([]);
});

it.each(["editor", "viewer"] as const)("a %s sees the names and manages nothing", async (role) => {
  const { ctx: asOwner, owner, project } = await owned();
  const { id } = await createAuthMethod(asOwner, { type: "api", name: "k" });
  const ctx = contextFor(owner, project, role);
  expect((await listAuthMethods(ctx)).items).toHaveLength(1);
  await expectRefusal(createAuthMethod(ctx, { type: "api", name: "x" }), "forbidden");
  await expectRefusal(linkAuthMethod(ctx, { authMethodId: id, onInbox: true }), "forbidden");
  await expectRefusal(deleteAuthMethod(ctx, { authMethodId: id }), "forbidden");
  await expectRefusal(revealAuthMethod(ctx, { authMethodId: id }), "forbidden");
});
