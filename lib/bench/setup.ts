import { randomUUID } from "node:crypto";
import { database } from "@/db/client";
import type { Context } from "@/lib/domain/context";
import { createProject, ownerContext } from "@/lib/domain/project/create";
import { createToken } from "@/lib/domain/token/create";
import { createUser } from "@/lib/domain/user/create";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import { announce } from "@/lib/live/shared";
import { shippedSpecifiers } from "@/lib/shipped";

export type Target = { ctx: Context; projectId: string; inboxPath: string; webhookPath: string };

/** A project with one workflow of one job behind a webhook, and an inbox URL that nothing listens to. */
export async function createTarget(
  name: string,
  body: string,
  adaptor = shippedSpecifiers.common,
): Promise<Target> {
  const { db } = database();
  const email = `bench-${randomUUID()}@example.org`;
  const user = await createUser({ db }, { email, password: randomUUID() });
  const actor = { type: "user", userId: user.id, label: email } as const;
  const project = await createProject(
    { actor, db, announce },
    { name: `${name}-${randomUUID().slice(0, 8)}` },
  );
  const ctx = ownerContext({ actor, db, announce }, project);
  const webhookPath = await addWorkflow(ctx, name, body, adaptor);
  return { ctx, projectId: project.id, inboxPath: `/i/${project.inboxId}`, webhookPath };
}

/** One more workflow of one job behind a webhook. Returns the webhook's path. */
export async function addWorkflow(
  ctx: Context,
  name: string,
  body: string,
  adaptor = shippedSpecifiers.common,
): Promise<string> {
  const trigger = randomUUID();
  const job = randomUUID();
  await saveWorkflow(
    ctx,
    {
      name,
      triggers: [{ id: trigger, type: "webhook", enabled: true }],
      jobs: [{ id: job, name: "Step", body, adaptor, projectCredentialId: null }],
      edges: [
        {
          id: randomUUID(),
          sourceTriggerId: trigger,
          sourceJobId: null,
          targetJobId: job,
          conditionType: "always",
          conditionExpression: null,
          conditionLabel: null,
          enabled: true,
        },
      ],
    },
    { resolveAdaptor: async (_, version) => ({ version }) },
  );
  return `/i/${trigger}`;
}

/** A token that may do everything that its project's owner may do with one. */
export async function tokenOf({ ctx }: Target): Promise<string> {
  if (ctx.actor.type !== "user") throw new Error("The bench's project belongs to a user.");
  const scopes = ["read", "write", "deploy", "run"] as const;
  return (await createToken({ ...ctx, actor: ctx.actor }, { name: "bench", scopes: [...scopes] })).token;
}
