import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import type { Context } from "@/lib/domain/context";
import { contextFor, createTestProject, createTestUser } from "@/lib/testing/fixtures";
import { listJobs } from "./jobs";
import { saveWorkflow } from "./save";
import { draft } from "./testing";

const deps = { resolveAdaptor: async () => ({ version: "3.3.4" }) };

async function project(): Promise<Context> {
  const owner = await createTestUser();
  return contextFor(owner, await createTestProject({ owner }));
}

/** Every page of a search, by following its cursor. */
async function all(ctx: Context, input: Parameters<typeof listJobs>[1] = {}) {
  const items = [];
  let cursor: string | null = null;
  do {
    const page = await listJobs(ctx, { ...input, limit: 40, ...(cursor ? { cursor } : {}) });
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor);
  return items;
}

test("knows every job of 201 workflows, in order, and finds each by its name or its workflow's", async () => {
  const ctx = await project();
  const names = Array.from({ length: 201 }, (_, n) => `w-${String(n).padStart(3, "0")}`);
  const saved = [];
  for (const name of names) saved.push(await saveWorkflow(ctx, draft(name), deps));
  const listed = await all(ctx);
  expect(listed.map((job) => [job.workflowName, job.name])).toEqual(
    names.flatMap((name) => [
      [name, "A"],
      [name, "B"],
    ]),
  );
  const last = saved.at(-1)?.graph.jobs[1];
  expect(await all(ctx, { text: "W-200" })).toHaveLength(2);
  expect(await all(ctx, { text: "b" })).toHaveLength(201);
  expect((await listJobs(ctx, { id: last?.id ?? "" })).items).toMatchObject([
    { id: last?.id, name: "B", workflowName: "w-200" },
  ]);
}, 60_000);

test("a stranger finds none of them, and follows no cursor into them", async () => {
  const [mine, theirs] = [await project(), await project()];
  const { graph } = await saveWorkflow(theirs, draft("theirs"), deps);
  await saveWorkflow(mine, draft("z-mine"), deps);
  const id = graph.jobs[0]?.id ?? "";
  expect((await listJobs(mine, { id })).items).toEqual([]);
  expect((await listJobs(mine, { text: "theirs" })).items).toEqual([]);
  expect((await listJobs(mine, { cursor: id })).items).toEqual([]);
  expect((await listJobs(mine, { cursor: randomUUID() })).items).toEqual([]);
});
