import { randomUUID } from "node:crypto";
import { type APIRequestContext, expect, test } from "@playwright/test";
import type { MessageDetail } from "@/lib/domain/message/types";
import { shippedSpecifiers } from "@/lib/shipped";
import { type InboxCase, inboxCases } from "@/lib/testing/inbox-cases";
import { type NeonBridge, startNeonBridge } from "@/lib/testing/neon-bridge";
import { register } from "./support/people";
import { createProject, receiptOf, settled } from "./support/projects";

const { E2E_DATABASE_URL: databaseUrl, E2E_EDGE_DATABASE_FETCH_URL: fetchUrl } = process.env;

// The server was told one address of Neon, which one worker at a time can stand at.
test.describe.configure({ mode: "default" });
test.skip(!databaseUrl || !fetchUrl, "The server's edge inbox does not lead to a Neon of these tests.");

const ways = ["/i/", "/edge/i/"] as const;
const apiKey = `key-${randomUUID()}`;
let origin: string;
let bridge: NeonBridge;
let owner: APIRequestContext;
let projectId: string;
let targets: { inbox: string; webhook: string; disabled: string; guarded: string };

async function post(path: string, data: unknown): Promise<{ id: string }> {
  const response = await owner.post(`/api/projects/${projectId}/${path}`, { data });
  expect(response.ok(), await response.text()).toBe(true);
  return response.json();
}

/** A workflow of one job behind one trigger. Returns the trigger's id. */
async function workflow(name: string, trigger: Record<string, unknown>): Promise<string> {
  const [triggerId, jobId] = [randomUUID(), randomUUID()];
  const body = "fn(state => { console.log('heard', JSON.stringify(state.data)); return state; })";
  await post("workflows", {
    name,
    triggers: [{ id: triggerId, ...trigger }],
    jobs: [{ id: jobId, name: `${name} job`, body, adaptor: shippedSpecifiers.common }],
    edges: [{ id: randomUUID(), sourceTriggerId: triggerId, targetJobId: jobId, conditionType: "always" }],
  });
  return triggerId;
}

test.beforeAll(async ({ playwright, baseURL }) => {
  if (!databaseUrl || !fetchUrl || !baseURL) return;
  origin = baseURL;
  bridge = await startNeonBridge(databaseUrl, { port: Number(new URL(fetchUrl).port) });
  owner = await playwright.request.newContext({ baseURL });
  await register(owner);
  const { project } = await createProject(owner);
  projectId = project.id;
  const { inboxId } = await (await owner.get(`/api/projects/${projectId}`)).json();
  targets = {
    inbox: inboxId,
    webhook: await workflow("open", { type: "webhook" }),
    disabled: await workflow("disabled", { type: "webhook", enabled: false }),
    guarded: await workflow("guarded", { type: "webhook" }),
  };
  await workflow("filter", { type: "message_filter", inclusion: { form: "referral" } });
  const method = await post("auth-methods", { type: "api", name: "key", apiKey });
  await owner.patch(`/api/projects/${projectId}/auth-methods/${method.id}`, {
    data: { triggerIds: [targets.guarded] },
  });
});

test.afterAll(async () => {
  await owner?.dispose();
  await bridge?.close();
});

const send = (
  way: string,
  id: string,
  { method = "POST", path = "", headers, body }: Omit<InboxCase, "name">,
) => fetch(`${origin}${way}${id}${path}`, { method, headers, body });

/** What a sender sees, without the ids that are new each time. */
async function seen(response: Response) {
  const { status, headers } = response;
  const anonymous = (text: string) => text.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "<id>");
  const names = ["content-type", "allow", "x-meta-message-id", "x-meta-work-order-id", "x-meta-run-id"];
  return {
    status,
    headers: Object.fromEntries(names.map((name) => [name, anonymous(headers.get(name) ?? "")])),
    body: anonymous(await response.text()),
  };
}

/** What the receipt inspector shows, without what is new each time. */
const kept = (message: MessageDetail) => ({
  ...message,
  ...{ id: null, receivedAt: null, newer: null, older: null },
  jobStates: message.jobStates.map(({ jobName, result, exitReason }) => ({ jobName, result, exitReason })),
  workOrders: message.workOrders.map(({ workflowName, state, runs }) => ({
    workflowName,
    state,
    runs: runs.map((run) => [run.attempt, run.state, run.steps.map((step) => step.exitReason)]),
  })),
});

async function receipt(response: Response) {
  const messageId = response.headers.get("x-meta-message-id") ?? "";
  const { workOrders } = await receiptOf(owner, projectId, messageId);
  return kept(await (workOrders.length > 0 ? settled : receiptOf)(owner, projectId, messageId));
}

/** Sends one message of every kind: what the sender saw and what was kept, by kind. */
const outcomes = async (way: string, id: string) => {
  const all = inboxCases.map(async (one) => {
    const response = await send(way, id, one);
    return [one.name, { receipt: await receipt(response), answer: await seen(response) }] as const;
  });
  return Object.fromEntries(await Promise.all(all));
};

for (const target of ["webhook", "inbox"] as const)
  test(`the edge answers, keeps and runs all that is sent to the ${target} URL as the server does`, async () => {
    const [node, edge] = await Promise.all(ways.map((way) => outcomes(way, targets[target])));
    expect(edge).toEqual(node);
    const workflowName = target === "webhook" ? "open" : "filter";
    for (const name of ["JSON", "gzip"])
      expect(edge?.[name]?.receipt.workOrders).toMatchObject([{ workflowName, state: "success" }]);
  });

const json = { "content-type": "application/json" };
const body = Uint8Array.from(Buffer.from('{"a":1}'));
const nobody = randomUUID();
const answers: [string, keyof typeof targets | string, Omit<InboxCase, "name">, number][] = [
  ["an unknown id", nobody, { headers: json, body }, 404],
  ["what is no id", "not-an-id", { headers: json, body }, 404],
  ["a disabled trigger", "disabled", { headers: json, body }, 403],
  ["GET of a disabled trigger", "disabled", { method: "GET", headers: {}, body: null }, 200],
  ["no credentials", "guarded", { headers: json, body }, 401],
  ["wrong credentials", "guarded", { headers: { ...json, "x-api-key": "wrong-key" }, body }, 404],
  ["GET", "webhook", { method: "GET", headers: {}, body: null }, 200],
  ["HEAD", "webhook", { method: "HEAD", headers: {}, body: null }, 200],
  ["OPTIONS", "webhook", { method: "OPTIONS", headers: {}, body: null }, 204],
  ["PUT", "webhook", { method: "PUT", headers: json, body }, 405],
  ["PATCH", "webhook", { method: "PATCH", headers: json, body }, 405],
  ["DELETE", "webhook", { method: "DELETE", headers: {}, body: null }, 405],
];

for (const [name, target, request, status] of answers)
  test(`the edge answers ${name} with ${status} as the server does`, async () => {
    const id = target in targets ? targets[target as keyof typeof targets] : target;
    const [node, edge] = await Promise.all(ways.map(async (way) => seen(await send(way, id, request))));
    expect(edge).toEqual(node);
    expect(edge?.status).toBe(status);
  });

test("the edge lets the right credentials in and does not keep them", async () => {
  const sent = await send("/edge/i/", targets.guarded, { headers: { ...json, "x-api-key": apiKey }, body });
  expect(sent.status).toBe(200);
  expect((await receipt(sent)).headers).toMatchObject({ "x-api-key": "[REDACTED]" });
});

test("a body of the greatest size arrives at the edge unharmed", async () => {
  const large = Uint8Array.from({ length: 10_000_000 }, (_, i) => (i * 7) % 256);
  const sent = await send("/edge/i/", targets.inbox, {
    headers: { "content-type": "application/x-zip" },
    body: large,
  });
  expect(sent.status).toBe(202);
  const id = sent.headers.get("x-meta-message-id");
  const stored = await (await owner.get(`/api/projects/${projectId}/messages/${id}/body`)).body();
  expect(Buffer.compare(stored, large)).toBe(0);
});

for (const way of ways)
  test(`a body above the greatest size is 413 at ${way}, declared or streamed`, async () => {
    const large = new Uint8Array(10_000_001);
    const declared = await send(way, targets.inbox, { headers: json, body: large }).catch(closedWhileSending);
    const streamed = await fetch(`${origin}${way}${targets.inbox}`, {
      method: "POST",
      headers: json,
      body: new Blob([large]).stream(),
      duplex: "half",
    } as RequestInit).catch(closedWhileSending);
    expect([declared, streamed].map((answer) => answer?.status ?? 413)).toEqual([413, 413]);
    const { items } = await (await owner.get(`/api/projects/${projectId}/messages`)).json();
    expect(items.filter((item: { size: number }) => item.size > 10_000_000)).toEqual([]);
  });

/** The server may close before it has read everything, as HTTP allows. */
const closedWhileSending = (error: unknown) => {
  if (error instanceof TypeError) return null;
  throw error;
};
