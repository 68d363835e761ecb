import { randomUUID } from "node:crypto";
import { and, eq } from "drizzle-orm";
import { beforeAll, describe, expect, it, vi } from "vitest";
import {
  auditEvents,
  credentials,
  edges,
  jobs,
  projectCredentials,
  snapshots,
  triggers,
  workflows,
} from "@/db/schema";
import type { Context } from "@/lib/domain/context";
import { testDatabase } from "@/lib/testing/database";
import {
  addTestMember,
  contextFor,
  createTestProject,
  createTestUser,
  expectAudit,
  expectRefusal,
  type TestUser,
} from "@/lib/testing/fixtures";
import type { ResolveAdaptor } from "./adaptors";
import { getWorkflow } from "./get";
import { saveWorkflow } from "./save";
import { draft } from "./testing";

const { db } = testDatabase();
const deps = { resolveAdaptor: async () => ({ version: "3.3.4" }) };
let ctx: Context;
let owner: TestUser;

beforeAll(async () => {
  owner = await createTestUser();
  ctx = contextFor(owner, await createTestProject({ owner }));
});

const count = (table: typeof snapshots | typeof jobs | typeof triggers | typeof edges, workflowId: string) =>
  db.$count(table, eq(table.workflowId, workflowId));

describe("saveWorkflow", () => {
  it("creates graph, snapshot, version and audit event together", async () => {
    const input = draft();
    const saved = await saveWorkflow(ctx, input, deps);
    expect(saved).toMatchObject({ id: input.id, lockVersion: 1, changed: true });
    const [row] = await db.select().from(workflows).where(eq(workflows.id, input.id));
    expect(row).toMatchObject({ projectId: ctx.project.id, lockVersion: 1, snapshotId: saved.snapshotId });
    expect(row?.versionHistory).toEqual([expect.stringMatching(/^app:[0-9a-f]{12}$/)]);
    const [snapshot] = await db.select().from(snapshots).where(eq(snapshots.workflowId, input.id));
    expect(snapshot?.graph).toEqual(saved.graph);
    expect(snapshot?.graph.jobs[0]?.adaptorVersion).toBe("3.3.4");
    expect(await count(jobs, input.id)).toBe(2);
    const event = await expectAudit("workflow.create", input.id);
    expect(event).toMatchObject({ projectId: ctx.project.id, actorLabel: owner.email, before: null });
  });

  it("writes nothing when nothing changed", async () => {
    const input = draft();
    const first = await saveWorkflow(ctx, input, deps);
    const again = await saveWorkflow(ctx, { ...input, lockVersion: 1 }, deps);
    expect(again).toMatchObject({ changed: false, lockVersion: 1, snapshotId: first.snapshotId });
    expect(await count(snapshots, input.id)).toBe(1);
    const events = await db.select().from(auditEvents).where(eq(auditEvents.itemId, input.id));
    expect(events).toHaveLength(1);
  });

  it("makes the next version of a change, deletes what is left out and keeps the old version", async () => {
    const input = draft();
    const first = await saveWorkflow(ctx, input, deps);
    const change = { ...input, lockVersion: 1, jobs: input.jobs.slice(0, 1), edges: input.edges.slice(0, 1) };
    const second = await saveWorkflow(ctx, change, deps);
    expect(second).toMatchObject({ lockVersion: 2, changed: true });
    expect([
      await count(jobs, input.id),
      await count(edges, input.id),
      await count(snapshots, input.id),
    ]).toEqual([1, 1, 2]);
    const [old] = await db.select().from(snapshots).where(eq(snapshots.id, first.snapshotId));
    expect(old?.graph.jobs).toHaveLength(2);
    const [row] = await db.select().from(workflows).where(eq(workflows.id, input.id));
    expect(row?.versionHistory).toHaveLength(2);
    const event = await expectAudit("workflow.update", input.id);
    expect(event.before).toMatchObject({ lockVersion: 1, snapshotId: first.snapshotId });
  });

  it("refuses a version that is not the current one, and a save that names none", async () => {
    const input = draft();
    await saveWorkflow(ctx, input, deps);
    await saveWorkflow(ctx, { ...input, name: `${input.name} 2`, lockVersion: 1 }, deps);
    const refusal = await expectRefusal(saveWorkflow(ctx, { ...input, lockVersion: 1 }, deps), "conflict");
    expect(refusal.details).toEqual({ lockVersion: 2 });
    await expectRefusal(saveWorkflow(ctx, input, deps), "conflict");
  });

  it("lets one of two simultaneous saves of the same version win", async () => {
    const input = draft();
    await saveWorkflow(ctx, input, deps);
    const results = await Promise.allSettled(
      ["x", "y", "z"].map((name) =>
        saveWorkflow(ctx, { ...input, name: `${input.name}-${name}`, lockVersion: 1 }, deps),
      ),
    );
    expect(results.filter((one) => one.status === "fulfilled")).toHaveLength(1);
    expect(await count(snapshots, input.id)).toBe(2);
  });

  it("forbids viewers", async () => {
    const viewer = await addTestMember(ctx.project, "viewer");
    await expectRefusal(saveWorkflow(contextFor(viewer, ctx.project, "viewer"), draft(), deps), "forbidden");
  });

  it("does not find, overwrite or steal from another project's workflow", async () => {
    const theirs = draft();
    const stranger = await createTestUser();
    const strange = contextFor(stranger, await createTestProject({ owner: stranger }));
    const saved = await saveWorkflow(strange, theirs, deps);
    await expectRefusal(saveWorkflow(ctx, { ...theirs, lockVersion: 1 }, deps), "not_found");
    await expectRefusal(saveWorkflow(ctx, theirs, deps), "conflict");
    await expectRefusal(saveWorkflow(ctx, { ...theirs, id: randomUUID() }, deps), "conflict");
    const after = await getWorkflow(strange, { id: theirs.id });
    expect(after).toMatchObject({ lockVersion: 1, graph: saved.graph });
    expect(
      await db.$count(jobs, and(eq(jobs.workflowId, theirs.id), eq(jobs.projectId, strange.project.id))),
    ).toBe(2);
  });

  it("keeps names unique among the living workflows of a project", async () => {
    const first = draft();
    await saveWorkflow(ctx, first, deps);
    const refusal = await expectRefusal(saveWorkflow(ctx, draft(first.name), deps), "conflict");
    expect(refusal.message).toContain("has this name");
  });

  it("refuses an unsound graph with every problem and writes nothing", async () => {
    const input = draft();
    const loop = {
      id: randomUUID(),
      sourceJobId: input.edges[1]?.targetJobId ?? "",
      targetJobId: input.jobs[0]?.id ?? "",
    };
    const circle = { ...input, edges: [...input.edges, { ...loop, conditionType: "always" as const }] };
    const refusal = await expectRefusal(saveWorkflow(ctx, circle, deps), "invalid");
    expect(refusal.message).toBe("Circular dependency: B <-> A");
    expect(await db.$count(workflows, eq(workflows.id, input.id))).toBe(0);
  });

  it("uses only credentials that are shared with the project", async () => {
    const [credential] = await db
      .insert(credentials)
      .values({ ownerId: owner.id, name: randomUUID(), body: "sealed" })
      .returning();
    const shared = { projectId: ctx.project.id, credentialId: credential?.id ?? "" };
    const [link] = await db.insert(projectCredentials).values(shared).returning();
    const input = draft();
    const using = (projectCredentialId: string) => ({
      ...input,
      jobs: input.jobs.map((job) => ({ ...job, projectCredentialId })),
    });
    await expectRefusal(saveWorkflow(ctx, using(randomUUID()), deps), "invalid");
    await saveWorkflow(ctx, using(link?.id ?? ""), deps);
    expect((await getWorkflow(ctx, input)).graph.jobs[0]?.projectCredentialId).toBe(link?.id);

    await db.delete(projectCredentials).where(eq(projectCredentials.id, link?.id ?? ""));
    expect((await getWorkflow(ctx, input)).graph.jobs[0]?.projectCredentialId).toBeNull();
  });

  it("pins an adaptor when it is written and keeps the version until it is written anew", async () => {
    const input = draft();
    let newest = "3.0.0";
    const resolveAdaptor = vi.fn<ResolveAdaptor>(async () => ({ version: newest }));
    await saveWorkflow(ctx, input, { resolveAdaptor });
    expect(resolveAdaptor.mock.calls).toEqual([["@openfn/language-common", "latest"]]);
    newest = "4.0.0";
    const renamed = await saveWorkflow(
      ctx,
      { ...input, name: `${input.name}!`, lockVersion: 1 },
      { resolveAdaptor },
    );
    expect(renamed.graph.jobs.map((job) => job.adaptorVersion)).toEqual(["3.0.0", "3.0.0"]);
    const [a, ...rest] = input.jobs;
    const rewritten = {
      ...input,
      lockVersion: 2,
      jobs: a ? [{ ...a, adaptor: "@openfn/language-common" }, ...rest] : rest,
    };
    const saved = await saveWorkflow(ctx, rewritten, { resolveAdaptor });
    expect(saved.graph.jobs.map((job) => job.adaptorVersion)).toEqual(["4.0.0", "3.0.0"]);
  });

  it("says when a cron trigger fires next, in UTC, and does not move it by saving something else", async () => {
    const input = draft();
    const cron = {
      ...input,
      triggers: input.triggers.map((t) => ({ ...t, type: "cron" as const, cronExpression: "0 2 * * *" })),
    };
    await saveWorkflow(ctx, cron, deps);
    const next = async () =>
      (await db.select().from(triggers).where(eq(triggers.workflowId, input.id)))[0]?.nextRunAt ?? null;
    const first = await next();
    expect(first?.toISOString()).toMatch(/T02:00:00\.000Z$/);
    expect(first?.getTime()).toBeGreaterThan(Date.now());
    const earlier = new Date("2026-01-01T02:00:00Z");
    await db.update(triggers).set({ nextRunAt: earlier }).where(eq(triggers.workflowId, input.id));
    await saveWorkflow(ctx, { ...cron, name: `${input.name}!`, lockVersion: 1 }, deps);
    expect(await next()).toEqual(earlier);
    const off = { ...cron, lockVersion: 2, triggers: cron.triggers.map((t) => ({ ...t, enabled: false })) };
    await saveWorkflow(ctx, off, deps);
    expect(await next()).toBeNull();
  });

  it("refuses text that the database cannot hold", async () => {
    const input = draft();
    for (const text of ["a\0b", "half \ud83d"]) {
      await expect(saveWorkflow(ctx, { ...input, name: text }, deps)).rejects.toThrow("NUL");
      const triggers = input.triggers.map((trigger) => ({ ...trigger, inclusion: { a: [{ [text]: 1 }] } }));
      await expect(saveWorkflow(ctx, { ...input, triggers }, deps)).rejects.toThrow("NUL");
    }
  });
});
