import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { testDatabase } from "@/lib/testing/database";
import { createTestProject } from "@/lib/testing/fixtures";
import { withLanes } from "./lanes";

test("runs of a project that allows two at once are dealt to two lanes, others have their own", async () => {
  const database = testDatabase();
  const limited = await createTestProject();
  const free = await createTestProject();
  await database.query("update projects set concurrency = 2 where id = $1", [limited.id]);
  const event = (projectId: string) => {
    const runId = randomUUID();
    return {
      id: runId,
      name: "run/requested",
      data: { runId, projectId, workflowId: randomUUID(), priority: 0 },
    };
  };
  const sent = [limited, limited, limited, free, free].map((project) => event(project.id));
  const lanes = (await withLanes(database, sent)).map((e) => String(e.data.lane));
  expect(lanes.slice(0, 3).map((lane) => lane.slice(-2))).toEqual(["/0", "/1", "/0"]);
  expect(lanes.slice(3)).toEqual(sent.slice(3).map((e) => e.id));
});

test("a workflow's own limit counts before its project's", async () => {
  const database = testDatabase();
  const project = await createTestProject();
  const [workflow] = await database.query<{ id: string }>(
    "insert into workflows (id, project_id, name, concurrency) values ($1, $2, 'w', 3) returning id",
    [randomUUID(), project.id],
  );
  await database.query("update projects set concurrency = 1 where id = $1", [project.id]);
  const sent = [1, 2, 3, 4].map(() => {
    const runId = randomUUID();
    const data = { runId, projectId: project.id, workflowId: workflow?.id ?? "", priority: 0 };
    return { id: runId, name: "run/requested", data };
  });
  const lanes = (await withLanes(database, sent)).map((e) => e.data.lane);
  expect(lanes).toEqual([0, 1, 2, 0].map((lane) => `${workflow?.id}/${lane}`));
});

test("a run in whose lane its last executor may still stand waits behind nobody, any other takes its turn", async () => {
  const database = testDatabase();
  const project = await createTestProject();
  await database.query("update projects set concurrency = 1 where id = $1", [project.id]);
  const runId = randomUUID();
  const data = { runId, projectId: project.id, workflowId: randomUUID(), priority: 0, again: 2 };
  const sent = [true, false].map((skipsLane) => ({
    id: `${runId}/2`,
    name: "run/requested",
    data: { ...data, skipsLane },
  }));
  const lanes = (await withLanes(database, sent)).map((e) => e.data.lane);
  expect(lanes).toEqual([`${runId}/2`, `${project.id}/0`]);
});
