import { beforeAll, describe, expect, test } from "vitest";
import { accept } from "@/lib/inbox/accept";
import { segmentsOf } from "@/lib/inbox/fetch";
import { nodeInboxHost } from "@/lib/inbox/host";
import { testDatabase } from "@/lib/testing/database";
import { createTestProject } from "@/lib/testing/fixtures";
import { type InboxCase, inboxCases } from "@/lib/testing/inbox-cases";
import { storedMessage } from "@/lib/testing/stored-message";
import { DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT } from "./route";

testDatabase();
let inboxId: string;

beforeAll(async () => {
  inboxId = (await createTestProject()).inboxId;
});

const route = new Map(Object.entries({ DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT }));

async function viaRoute(
  { method = "POST", path = "", headers, body }: Omit<InboxCase, "name">,
  id = inboxId,
) {
  const request = new Request(`http://127.0.0.1/i/${id}${path}`, { method, headers, body });
  const handler = route.get(method);
  if (!handler) throw new Error(`The route has no ${method}.`);
  return handler(request);
}

async function viaAccept(
  { method = "POST", path = "", headers, body }: Omit<InboxCase, "name">,
  id = inboxId,
) {
  const { pathname, search } = new URL(`http://127.0.0.1/i/${id}${path}`);
  const stream = body && new Blob([body]).stream();
  const segments = segmentsOf(pathname.slice("/i/".length));
  return accept({ method, segments, search, headers, body: stream }, await nodeInboxHost());
}

describe("the inbox where Next is the server", () => {
  test.each(inboxCases.map((one) => [one.name, one] as const))(
    "keeps %s as the inbox does",
    async (_, one) => {
      const [response, answer] = [await viaRoute(one), await viaAccept(one)];
      expect(response.status).toBe(answer.status);
      const messageId = response.headers.get("x-meta-message-id");
      expect(await response.json()).toEqual({ message_id: messageId, work_order_ids: [] });
      expect(await storedMessage(messageId)).toEqual(
        await storedMessage(answer.headers["x-meta-message-id"] ?? null),
      );
    },
  );

  test.each(["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"])(
    "answers %s as the inbox does",
    async (method) => {
      const request = { method, headers: {}, body: null };
      const [response, answer] = [await viaRoute(request), await viaAccept(request)];
      expect([response.status, response.headers.get("allow")]).toEqual([
        answer.status,
        answer.headers.allow ?? null,
      ]);
      expect(await response.text()).toBe(method === "HEAD" ? "" : answer.body);
    },
  );

  test("does not know another id", async () => {
    const request = { headers: {}, body: null };
    const response = await viaRoute(request, "01900000-0000-7000-8000-000000000000");
    expect([response.status, await response.text()]).toEqual([404, '{"error":"Webhook not found"}']);
  });

  test("refuses a body above the greatest size", async () => {
    const response = await viaRoute({ headers: {}, body: new Uint8Array(10_000_001) });
    expect(response.status).toBe(413);
  });

  test("keeps what the sender sent, not what Next and our server add", async () => {
    const added = { "x-forwarded-host": "here", "x-waybill-peer": "127.0.0.1", "x-waybill-path": "/i/" };
    const response = await viaRoute({ headers: { ...added, "x-facility": "north" }, body: Uint8Array.of(1) });
    const stored = await storedMessage(response.headers.get("x-meta-message-id"));
    expect(stored.headers).toEqual({ "x-facility": "north" });
  });
});
