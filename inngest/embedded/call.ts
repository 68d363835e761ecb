import type { EngineFunction } from "./functions";
import { type Answer, canonicalJson, readAnswer, signature, ulid } from "./protocol";
import { type Item, triggerOf } from "./state";

export type Handler = (request: Request) => Promise<Response>;
export type Endpoint = { handler: Handler; url: string; signingKey: string };

function signed(
  { url, signingKey }: Endpoint,
  method: string,
  path: string,
  body: unknown,
  headers: Record<string, string>,
): Request {
  const raw = canonicalJson(body);
  return new Request(url + path, {
    method,
    body: raw,
    headers: {
      // The SDK reads the address from it.
      host: "embedded.local",
      "content-type": "application/json",
      "x-inngest-server-kind": "cloud",
      "x-inngest-signature": signature(signingKey, raw),
      ...headers,
    },
  });
}

/** Asks the endpoint which functions it serves. Throws when it does not answer as the SDK does. */
export async function fetchRegistration(endpoint: Endpoint): Promise<unknown> {
  const response = await endpoint.handler(
    signed(endpoint, "PUT", "", { url: endpoint.url }, { "x-inngest-sync-kind": "in_band" }),
  );
  if (response.status !== 200) {
    throw new Error(
      `The functions could not be read: HTTP ${response.status} ${(await response.text()).slice(0, 500)}`,
    );
  }
  const body: unknown = await response.json();
  return typeof body === "object" && body !== null && "functions" in body ? body.functions : undefined;
}

/** Makes one call to a function. Never throws: an endpoint out of reach is a retryable error. */
export async function callFunction(endpoint: Endpoint, fn: EngineFunction, item: Item): Promise<Answer> {
  const { run } = item;
  const body = {
    version: run.version,
    use_api: false,
    event: triggerOf(run),
    events: run.events,
    steps: item.steps,
    defers: {},
    ctx: {
      run_id: run.id,
      fn_id: fn.uuid,
      env: "",
      step_id: "step",
      attempt: item.attempt,
      max_attempts: fn.maxAttempts,
      qi_id: item.id,
      generation_id: item.gen,
      disable_immediate_execution: run.planned,
      use_api: false,
      stack: { stack: run.stack, current: run.stack.length },
    },
  };
  const path = `?fnId=${encodeURIComponent(fn.id)}&stepId=${item.step}`;
  const headers = { "x-run-id": run.id, "x-inngest-generation-id": String(item.gen), "x-request-id": ulid() };
  try {
    const response = await endpoint.handler(signed(endpoint, "POST", path, body, headers));
    return readAnswer(response.status, response.headers, await response.text());
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return {
      kind: "error",
      error: { name: "Error", message: `The function could not be reached: ${message}` },
      isFinal: false,
      retryAfter: null,
    };
  }
}
