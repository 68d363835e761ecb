import { createHmac, randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { createAuthMethod } from "@/lib/domain/auth-method/create";
import { linkAuthMethod } from "@/lib/domain/auth-method/link";
import { resendMessage } from "@/lib/domain/message/resend";
import { deleteProject } from "@/lib/domain/project/delete";
import { saveWorkflow } from "@/lib/domain/workflow/save";
import { testDatabase } from "@/lib/testing/database";
import { expectRefusal } from "@/lib/testing/fixtures";
import { createWebhook, sendTo } from "@/lib/testing/webhook";
import { type MessageInput, stateOfMessage } from "@/lib/workflow/message-state";
import type { InboxHost } from "./accept";
import { inboxKeys } from "./keys";

const database = testDatabase();
let host: InboxHost;

beforeAll(async () => {
  host = {
    query: database.query,
    ...(await inboxKeys(process.env.SECRET_KEY ?? "")),
    maxBodyBytes: 1_000_000,
  };
});

const messagesOf = (projectId: string) =>
  database.query<MessageInput & { id: string; preview: string; trigger_id: string }>(
    "select * from messages where project_id = $1 order by id",
    [projectId],
  );
const runsOf = async (projectId: string) =>
  (await database.query("select 1 from runs where project_id = $1", [projectId])).length;

describe("a custom path", () => {
  test("is an address beside the trigger's own, and what follows it is recorded", async () => {
    const { project, triggerId } = await createWebhook({ customPath: "facility-001" });
    const answer = await sendTo(host, `${project.id}/facility-001/north/1?a=b`);
    expect([answer.status, Object.keys(JSON.parse(answer.body))]).toEqual([200, ["work_order_id"]]);
    expect(answer.headers["x-meta-run-id"]).toEqual(expect.any(String));
    expect((await sendTo(host, `${triggerId}/north/1?a=b`)).status).toBe(200);
    const stored = await messagesOf(project.id);
    expect(stored.map(({ path, query, trigger_id }) => ({ path, query, trigger_id }))).toEqual(
      Array(2).fill({ path: ["north", "1"], query: { a: "b" }, trigger_id: triggerId }),
    );
    expect(await runsOf(project.id)).toBe(2);
    expect((await sendTo(host, `${project.id}/facility-001`, { method: "GET" })).status).toBe(200);
  });

  test("of another project, of a disabled trigger, unknown, or of a project that is going away", async () => {
    const { project, ctx, input, deps } = await createWebhook({ customPath: "visits" });
    const other = await createWebhook({ customPath: "births" });
    for (const address of [
      `${other.project.id}/visits`,
      `${project.id}/births`,
      `${project.id}/Visits`,
      `${project.id}`,
      `${project.id}/`,
      `${randomUUID()}/visits`,
      `${project.inboxId.replace(/^.{8}/, "00000000")}/visits`,
    ])
      expect([address, (await sendTo(host, address)).status]).toEqual([address, 404]);
    const [trigger] = input.triggers;
    const disabled = { ...input, triggers: [{ ...trigger, enabled: false }], lockVersion: 1 };
    await saveWorkflow(ctx, disabled as typeof input & { lockVersion: number }, deps);
    expect((await sendTo(host, `${project.id}/visits`)).status).toBe(403);
    await deleteProject(ctx, { confirmName: project.name });
    expect((await sendTo(host, `${project.id}/visits`)).status).toBe(404);
    expect(await messagesOf(project.id)).toEqual([]);
  });

  test("is protected as the trigger's own address is", async () => {
    const { project, ctx, triggerId } = await createWebhook({ customPath: "guarded" });
    const { id } = await createAuthMethod(ctx, { name: "key", type: "api", apiKey: "k-1-long-enough" });
    await linkAuthMethod(ctx, { authMethodId: id, triggerIds: [triggerId], onInbox: false });
    const status = async (headers: Record<string, string>) =>
      (await sendTo(host, `${project.id}/guarded`, { headers })).status;
    expect([
      await status({}),
      await status({ "x-api-key": "wrong" }),
      await status({ "x-api-key": "k-1-long-enough" }),
    ]).toEqual([401, 404, 200]);
  });

  test("names its deliveries apart from other addresses of the project", async () => {
    const first = await createWebhook({ customPath: "a" });
    const { project } = first;
    const headers = { "idempotency-key": "d-1" };
    const answer = await sendTo(host, `${project.id}/a`, { headers });
    const again = await sendTo(host, `${project.id}/a`, { headers });
    expect([again.headers["x-waybill-repeat"], again.body]).toEqual(["1", answer.body]);
    expect(await runsOf(project.id)).toBe(1);
    const rows = await database.query<{ url_id: string }>(
      "select url_id from deliveries where project_id = $1",
      [project.id],
    );
    expect(rows).toEqual([{ url_id: first.triggerId }]);
  });
});

describe("a custom path that is saved", () => {
  const saveWith = async (
    customPath: string | null,
    type: "webhook" | "message_filter" | "cron" = "webhook",
  ) => {
    const { ctx, input, deps } = await createWebhook();
    const cron = type === "cron" ? { cronExpression: "0 0 * * *" } : {};
    const triggers = input.triggers.map((trigger) => ({ ...trigger, type, customPath, ...cron }));
    return saveWorkflow(ctx, { ...input, triggers, lockVersion: 1 }, deps);
  };

  test.each(["Visits", "a b", "a/b", "é", "a.b", "x".repeat(256), randomUUID(), "a\nb"])(
    "is refused as %j",
    async (path) => {
      await expectRefusal(saveWith(path), "invalid");
    },
  );

  test("is trimmed, cleared when blank and for a clock, and refused where nothing obeys it", async () => {
    expect((await saveWith(" a_b-1 ")).graph.triggers[0]?.customPath).toBe("a_b-1");
    expect((await saveWith("x".repeat(255))).graph.triggers[0]?.customPath).toHaveLength(255);
    expect((await saveWith("  ")).graph.triggers[0]?.customPath).toBeNull();
    expect((await saveWith("visits", "cron")).graph.triggers[0]?.customPath).toBeNull();
    await expectRefusal(saveWith("visits", "message_filter"), "invalid");
  });

  test("is one trigger's in its project, and any other project's too", async () => {
    const first = await createWebhook({ customPath: "visits" });
    await createWebhook({ customPath: "visits" });
    const { ctx, deps, input } = first;
    const other = {
      ...input,
      id: randomUUID(),
      name: "Other",
      triggers: [{ id: randomUUID(), type: "webhook" as const, customPath: "visits" }],
      jobs: [],
      edges: [],
    };
    const refusal = await expectRefusal(saveWorkflow(ctx, other, deps), "conflict");
    expect(refusal.message).toContain("has this custom path");
    const twice = ["a", "b"].map(() => ({
      id: randomUUID(),
      type: "webhook" as const,
      customPath: "births",
      enabled: false,
    }));
    await expectRefusal(saveWorkflow(ctx, { ...other, triggers: twice }, deps), "invalid");
    await database.query("update workflows set deleted_at = now() where id = $1", [input.id]);
    expect((await saveWorkflow(ctx, other, deps)).changed).toBe(true);
  });

  test("can be handed on within a workflow", async () => {
    const { ctx, deps, input } = await createWebhook({ customPath: "a" });
    const [first, second] = [input.triggers[0]?.id ?? "", randomUUID()];
    const save = (paths: [string, string | null], lockVersion: number) =>
      saveWorkflow(
        ctx,
        {
          ...input,
          lockVersion,
          triggers: [
            { id: first, type: "webhook", customPath: paths[0] },
            { id: second, type: "webhook", customPath: paths[1], enabled: false },
          ],
        },
        deps,
      );
    await save(["a", "b"], 1);
    await save(["b", "a"], 2);
    const replaced = {
      ...input,
      triggers: [{ id: randomUUID(), type: "webhook" as const, customPath: "b" }],
    };
    const saved = await saveWorkflow(ctx, { ...replaced, edges: [], lockVersion: 3 }, deps);
    expect(saved.graph.triggers.map(({ customPath }) => customPath)).toEqual(["b"]);
  });
});

describe("a trigger that takes GET", () => {
  test("takes no signature of the empty body for one of its query", async () => {
    const { project, triggerId, ctx } = await createWebhook({ takesGet: true });
    const empty = (key: string, algorithm: string) => createHmac(algorithm, key).update("").digest("hex");
    const secret = "topsecret-hmac";
    const ways: [Parameters<typeof createAuthMethod>[1], Record<string, string>, number][] = [
      [
        { type: "hmac", name: "gh", secret },
        { "x-hub-signature-256": `sha256=${empty(secret, "sha256")}` },
        404,
      ],
      [
        { type: "hmac", name: "own", secret, preset: "generic", header: "x-own", algorithm: "sha1" },
        { "x-own": empty(secret, "sha1") },
        404,
      ],
      [
        { type: "hmac", name: "token", secret, preset: "header", header: "x-token" },
        { "x-token": secret },
        200,
      ],
    ];
    for (const [method, headers, status] of ways) {
      const { id } = await createAuthMethod(ctx, method);
      await linkAuthMethod(ctx, { authMethodId: id, triggerIds: [triggerId], onInbox: false });
      const answer = await sendTo(host, `${triggerId}?pay=all`, { method: "GET", headers });
      expect([method.name, answer.status]).toEqual([method.name, status]);
    }
    expect(await messagesOf(project.id)).toHaveLength(1);
  });

  test("stores what is asked as a message whose data is the query, and starts its run", async () => {
    const { project, triggerId, ctx } = await createWebhook({ takesGet: true });
    const answer = await sendTo(host, `${triggerId}/lookup?patient[id]=007&name=Zo%C3%AB`, { method: "GET" });
    expect([answer.status, answer.headers["cache-control"]]).toEqual([200, "no-store"]);
    const [message] = await messagesOf(project.id);
    if (!message) throw new Error("Nothing was stored.");
    expect(message).toMatchObject({ method: "GET", format: "empty", path: ["lookup"] });
    expect(message.preview).toContain("007");
    const { data, request } = JSON.parse(await stateOfMessage(message));
    expect(data).toEqual({ patient: { id: "007" }, name: "Zoë" });
    expect(request).toMatchObject({ method: "GET", query_params: data });
    expect(await runsOf(project.id)).toBe(1);
    const copy = await resendMessage(ctx, { messageId: message.id, body: '{"patient":8}' });
    expect(copy.runIds).toHaveLength(1);
  });

  test("stores nothing for HEAD, nothing without credentials, and a named GET once", async () => {
    const { project, triggerId, ctx } = await createWebhook({ takesGet: true });
    expect((await sendTo(host, triggerId, { method: "HEAD" })).status).toBe(200);
    const headers = { "idempotency-key": "g-1" };
    await sendTo(host, triggerId, { method: "HEAD", headers });
    const first = await sendTo(host, triggerId, { method: "GET", headers });
    const again = await sendTo(host, triggerId, { method: "GET", headers });
    expect([again.body, again.headers["x-waybill-repeat"]]).toEqual([first.body, "1"]);
    const { id } = await createAuthMethod(ctx, { name: "key", type: "api", apiKey: "k-1-long-enough" });
    await linkAuthMethod(ctx, { authMethodId: id, triggerIds: [triggerId], onInbox: false });
    expect((await sendTo(host, triggerId, { method: "GET" })).status).toBe(401);
    expect(await messagesOf(project.id)).toHaveLength(1);
  });

  test("is 403 when it is disabled; other triggers only say that they are there", async () => {
    const { triggerId } = await createWebhook({ takesGet: true, enabled: false });
    expect((await sendTo(host, triggerId, { method: "GET" })).status).toBe(403);
    const plain = await createWebhook({ takesGet: false });
    const found = await sendTo(host, `${plain.triggerId}?a=1`, { method: "GET" });
    expect([found.status, JSON.parse(found.body).message]).toEqual([
      200,
      "OpenFn webhook trigger found. Make a POST request to execute this workflow.",
    ]);
    expect(await messagesOf(plain.project.id)).toEqual([]);
  });
});

describe("a trigger that speaks OpenRosa", () => {
  test.each([
    { type: "api" as const, name: "key", apiKey: "k-1-long-enough" },
    { type: "hmac" as const, name: "gh", secret: "topsecret-hmac" },
  ])("says nothing of itself to wrong credentials where a $type is asked for", async (method) => {
    const { ctx, triggerId } = await createWebhook({ openRosa: true });
    const { id } = await createAuthMethod(ctx, method);
    await linkAuthMethod(ctx, { authMethodId: id, triggerIds: [triggerId], onInbox: false });
    const headers = { "x-api-key": "wrong", "x-hub-signature-256": "sha256=00" };
    for (const method of ["HEAD", "GET", "POST"])
      expect(await sendTo(host, triggerId, { method, headers })).toEqual(
        await sendTo(host, randomUUID(), { method, headers }),
      );
  });

  const form = (name: string) =>
    `--b\r\nContent-Disposition: form-data; name="xml_submission_file"; filename="${name}.xml"\r\nContent-Type: text/xml\r\n\r\n<data id="visit"><patient>7</patient></data>\r\n--b--`;
  const multipart = { "content-type": "multipart/form-data; boundary=b", "x-openrosa-version": "1.0" };

  test("answers the handshake with 204 and how much it takes, and a form with 201", async () => {
    const { project, triggerId } = await createWebhook({ openRosa: true, customPath: "forms" });
    for (const address of [`${triggerId}/submission?deviceID=x`, `${project.id}/forms/submission`]) {
      const head = await sendTo(host, address, { method: "HEAD", headers: { "x-openrosa-version": "1.0" } });
      expect(head).toEqual({
        status: 204,
        headers: {
          "x-openrosa-version": "1.0",
          "x-openrosa-accept-content-length": "1000000",
          date: expect.stringMatching(/ GMT$/),
        },
        body: "",
      });
      const answer = await sendTo(host, address, { headers: multipart, body: form("visit") });
      expect([answer.status, answer.headers["content-type"], answer.headers["x-openrosa-version"]]).toEqual([
        201,
        "text/xml; charset=utf-8",
        "1.0",
      ]);
      expect(answer.body).toContain('<OpenRosaResponse xmlns="http://openrosa.org/http/response">');
      expect(answer.headers["x-meta-work-order-id"]).toEqual(expect.any(String));
    }
    expect(await runsOf(project.id)).toBe(2);
    await database.query("update projects set max_body_bytes = 500 where id = $1", [project.id]);
    const head = await sendTo(host, triggerId, { method: "HEAD" });
    expect(head.headers["x-openrosa-accept-content-length"]).toBe("500");
    const tooLarge = await sendTo(host, triggerId, { headers: multipart, body: form("x".repeat(500)) });
    expect([tooLarge.status, tooLarge.headers["x-openrosa-version"]]).toEqual([413, "1.0"]);
  });

  test("asks for the password that its clients have, and repeats 201", async () => {
    const { project, triggerId, ctx } = await createWebhook({ openRosa: true });
    const { id } = await createAuthMethod(ctx, {
      name: "pair",
      type: "basic",
      username: "clinic",
      password: "a long password",
    });
    await linkAuthMethod(ctx, { authMethodId: id, triggerIds: [triggerId], onInbox: false });
    for (const method of ["HEAD", "POST"]) {
      const refused = await sendTo(host, triggerId, { method });
      expect([refused.status, refused.headers["www-authenticate"]]).toEqual([
        401,
        'Basic realm="Waybill", charset="UTF-8"',
      ]);
    }
    const authorization = `Basic ${btoa("clinic:a long password")}`;
    expect((await sendTo(host, triggerId, { method: "HEAD", headers: { authorization } })).status).toBe(204);
    const headers = { ...multipart, authorization, "idempotency-key": "f-1" };
    const first = await sendTo(host, triggerId, { headers, body: form("a") });
    const again = await sendTo(host, triggerId, { headers, body: form("a") });
    expect([first.status, again.status, again.body]).toEqual([201, 201, first.body]);
    expect(await runsOf(project.id)).toBe(1);
  });
});
