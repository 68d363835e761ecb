import { beforeAll, describe, expect, test } from "vitest";
import { createAuthMethod } from "@/lib/domain/auth-method/create";
import { deleteAuthMethod } from "@/lib/domain/auth-method/delete";
import { linkAuthMethod } from "@/lib/domain/auth-method/link";
import { testDatabase } from "@/lib/testing/database";
import { createWebhook, sendTo } from "@/lib/testing/webhook";
import { type MessageInput, stateOfMessage } from "@/lib/workflow/message-state";
import type { InboxHost } from "./accept";
import { inboxKeys } from "./keys";

/** Rows of OpenFn's contract (reference: platform §2.1) that no other test of the inbox is about. */

const database = testDatabase();
let host: InboxHost;

beforeAll(async () => {
  host = {
    query: database.query,
    ...(await inboxKeys(process.env.SECRET_KEY ?? "")),
    maxBodyBytes: 1_000_000,
  };
});

const notFound = { status: 404, body: '{"error":"Webhook not found"}' };

describe("a webhook's address", () => {
  test.each(["POST", "GET", "HEAD"])("is none for a trigger of another type (%s)", async (method) => {
    const { triggerId } = await createWebhook({ type: "cron", cronExpression: "0 0 * * *" });
    expect(await sendTo(host, triggerId, { method })).toMatchObject(notFound);
  });

  test("lets OPTIONS through whatever protects it", async () => {
    const { triggerId, ctx } = await createWebhook();
    const { id } = await createAuthMethod(ctx, { name: "key", type: "api", apiKey: "k-1-long-enough" });
    await linkAuthMethod(ctx, { authMethodId: id, triggerIds: [triggerId], onInbox: false });
    for (const headers of [{}, { "x-api-key": "wrong" }] as Record<string, string>[]) {
      const answer = await sendTo(host, triggerId, { method: "OPTIONS", headers });
      expect([answer.status, answer.headers.allow]).toEqual([204, "GET, HEAD, POST, OPTIONS"]);
    }
  });

  test("is open again when its last authentication method is gone", async () => {
    const { triggerId, ctx } = await createWebhook();
    const { id } = await createAuthMethod(ctx, { name: "key", type: "api", apiKey: "k-1-long-enough" });
    await linkAuthMethod(ctx, { authMethodId: id, triggerIds: [triggerId], onInbox: false });
    const refused = await sendTo(host, triggerId);
    expect([refused.status, refused.body]).toEqual([401, '{"error":"Unauthorized"}']);
    expect(await sendTo(host, triggerId, { headers: { "x-api-key": "wrong" } })).toMatchObject(notFound);
    await deleteAuthMethod(ctx, { authMethodId: id });
    expect((await sendTo(host, triggerId)).status).toBe(200);
  });

  test("answers a POST with its work order, and with work order and run in headers", async () => {
    const { triggerId, project } = await createWebhook();
    const answer = await sendTo(host, triggerId);
    const [run] = await database.query<{ id: string; order: string }>(
      `select id, work_order_id as "order" from runs where project_id = $1`,
      [project.id],
    );
    expect([answer.status, JSON.parse(answer.body)]).toEqual([200, { work_order_id: run?.order }]);
    expect(answer.headers).toMatchObject({ "x-meta-work-order-id": run?.order, "x-meta-run-id": run?.id });
  });

  test("gives a run the body as data, and the request beside it", async () => {
    const { triggerId, project } = await createWebhook();
    await sendTo(host, `${triggerId}/a/b?extra=stuff&moar=things`, { body: '{"foo":"bar"}' });
    const [message] = await database.query<MessageInput>("select * from messages where project_id = $1", [
      project.id,
    ]);
    if (!message) throw new Error("Nothing was stored.");
    expect(JSON.parse(await stateOfMessage(message))).toMatchObject({
      data: { foo: "bar" },
      request: {
        method: "POST",
        path: ["a", "b"],
        query_params: { extra: "stuff", moar: "things" },
        headers: { "content-type": "application/json" },
      },
    });
  });
});
