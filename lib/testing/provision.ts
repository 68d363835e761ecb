import { randomUUID } from "node:crypto";
import { NextRequest } from "next/server";
import { GET as getDocument } from "@/app/api/provision/[id]/route";
import { POST } from "@/app/api/provision/route";
import { GET as getYaml } from "@/app/api/provision/yaml/route";
import { createToken } from "@/lib/domain/token/create";
import type { RouteHandler } from "@/lib/http/route";
import { type TestUser, userContextFor } from "./fixtures";

// biome-ignore lint/suspicious/noExplicitAny: answers are looked at by tests, key by key.
export type Json = any;

/** A record of a document as a client sends it. */
export type Sent = Record<string, unknown>;

export type Answer = { status: number; headers: Headers; body: Json; text: string };

/** OpenFn's provisioning API, called as somebody calls it who has this token; without one, as nobody. */
export function provisioningAs(token: string | null) {
  const headers = {
    "content-type": "application/json",
    accept: "application/json",
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
  };
  const call = async (
    handler: RouteHandler,
    url: string,
    { id, body }: { id?: string; body?: unknown } = {},
  ): Promise<Answer> => {
    const request = new NextRequest(`http://127.0.0.1${url}`, {
      method: body === undefined ? "GET" : "POST",
      headers,
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const response = await handler(request, { params: Promise.resolve(id === undefined ? {} : { id }) });
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.startsWith("application/json");
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson ? JSON.parse(text) : null,
    };
  };
  return {
    get: (id: string, query = "") => call(getDocument, `/api/provision/${id}${query}`, { id }),
    yaml: (query: string) => call(getYaml, `/api/provision/yaml?${query}`),
    post: (body: unknown, query = "") => call(POST, `/api/provision/${query}`, { body }),
  };
}

type TokenChoice = Omit<Parameters<typeof createToken>[1], "name">;

/** The same for a user with a new token. */
export const provisioningOf = async (user: TestUser, choice: TokenChoice = {}) =>
  provisioningAs((await createToken(userContextFor(user), { name: "cli", ...choice })).token);

const adaptor = "@openfn/language-common@latest";

export const sentJob = (name: string, more: Sent = {}): Sent & { id: string } => ({
  id: randomUUID(),
  name,
  adaptor,
  body: "fn(state => state);\n",
  ...more,
});

export type SentWorkflow = Sent & { id: string; jobs: Sent[]; triggers: Sent[]; edges: Sent[] };
export type SentProject = Sent & { id: string; workflows: SentWorkflow[] };

/** A workflow with a webhook and two jobs, as a deploy sends one that is new. */
export function sentWorkflow(name = "Visits", more: Sent = {}): SentWorkflow {
  const [load, store] = [sentJob("Load"), sentJob("Store")];
  const webhook = { id: randomUUID(), type: "webhook", enabled: true };
  return {
    id: randomUUID(),
    name,
    jobs: [load, store],
    triggers: [webhook],
    edges: [
      {
        id: randomUUID(),
        source_trigger_id: webhook.id,
        target_job_id: load.id,
        condition_type: "always",
        enabled: true,
      },
      {
        id: randomUUID(),
        source_job_id: load.id,
        target_job_id: store.id,
        condition_type: "on_job_success",
        enabled: true,
      },
    ],
    ...more,
  };
}

/** A project of one such workflow. */
export const sentProject = (more: Sent = {}): SentProject => ({
  id: randomUUID(),
  name: `clinic-${randomUUID().slice(0, 8)}`,
  workflows: [sentWorkflow()],
  ...more,
});
