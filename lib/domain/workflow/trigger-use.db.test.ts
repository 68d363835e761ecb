import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { createClinic } from "@/lib/testing/clinic";
import { testDatabase } from "@/lib/testing/database";
import { deleteWorkflow } from "./delete";
import { saveWorkflow } from "./save";
import { draft } from "./testing";
import { getTriggerUse } from "./trigger-use";

testDatabase();
const deps = { resolveAdaptor: async (_: string, version: string) => ({ version }) };

test("tells custom paths and what follows what, of living workflows of the project alone", async () => {
  const clinic = await createClinic();
  expect(await getTriggerUse(clinic.as("viewer"))).toEqual({ customPaths: [], followings: [] });

  const webhook = draft("Own path");
  const triggers = webhook.triggers.map((one) => ({ ...one, customPath: "visits" }));
  await saveWorkflow(clinic.ctx, { ...webhook, triggers }, deps);
  const following = draft("Follows");
  const [first] = following.triggers;
  if (!first) throw new Error("no trigger");
  const followings = [
    { id: first.id, type: "catch" as const, enabled: true, sourceJobId: clinic.jobs.payment },
    { id: randomUUID(), type: "flow" as const, enabled: false, sourceJobId: clinic.jobs.referral },
  ];
  const saved = await saveWorkflow(clinic.ctx, { ...following, triggers: followings }, deps);

  expect(await getTriggerUse(clinic.ctx)).toEqual({
    customPaths: [expect.objectContaining({ customPath: "visits", workflowName: "Own path" })],
    followings: [
      {
        triggerId: first.id,
        workflowId: saved.id,
        workflowName: "Follows",
        sourceJobId: clinic.jobs.payment,
        reaches: expect.arrayContaining(saved.graph.jobs.map(({ id }) => id)),
      },
    ],
  });
  const other = await createClinic();
  expect(await getTriggerUse(other.ctx)).toEqual({ customPaths: [], followings: [] });
  await deleteWorkflow(clinic.ctx, { id: saved.id });
  expect((await getTriggerUse(clinic.ctx)).followings).toEqual([]);
});
