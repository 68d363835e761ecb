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
