import { z } from "zod";
import { bearer, completeEvent, type EngineEvent, eventInput, type Op, parseOps } from "./protocol";

type Routes = {
  eventKey: string;
  signingKey: string;
  send(events: EngineEvent[]): Promise<void>;
  /** False = stale dispatch. */
  checkpoint(item: { id: string; gen: number; runId: string }, ops: Op[]): Promise<boolean>;
};

const checkpointBody = z.looseObject({
  run_id: z.string(),
  qi_id: z.string(),
  generation_id: z.number(),
  steps: z.array(z.unknown()),
});

const reply = (status: number, body: unknown) =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });

/** The part of Inngest's HTTP API that the SDK calls, as a `fetch`: events and step checkpoints. */
export function engineApi(routes: Routes): typeof fetch {
  const authorization = bearer(routes.signingKey);
  return async (input, init) => {
    const request = new Request(input, init);
    const path = new URL(request.url).pathname;
    try {
      if (path.startsWith("/e/")) {
        if (decodeURIComponent(path.slice(3)) !== routes.eventKey)
          return reply(401, { status: 401, error: "The event key is unknown." });
        return await receiveEvents(routes, await request.json());
      }
      if (request.headers.get("authorization") !== authorization)
        return reply(401, { status: 401, error: "Unauthorized" });
      if (/^\/v1\/checkpoint\/[^/]+\/async$/.test(path))
        return await receiveSteps(routes, await request.json());
    } catch (error) {
      if (error instanceof z.ZodError) return reply(400, { status: 400, error: z.prettifyError(error) });
      throw error;
    }
    return reply(404, { status: 404, error: `${path} is not part of the embedded engine.` });
  };
}

/** Reads the body of an event call: one event or many. Throws a ZodError. */
export function readEvents(body: unknown): EngineEvent[] {
  return z
    .array(eventInput)
    .parse(Array.isArray(body) ? body : [body])
    .map((event) => completeEvent(event));
}

async function receiveEvents(routes: Routes, body: unknown): Promise<Response> {
  const events = readEvents(body);
  await routes.send(events);
  return reply(200, { ids: events.map((event) => event.id), status: 200 });
}

async function receiveSteps(routes: Routes, body: unknown): Promise<Response> {
  const { run_id, qi_id, generation_id, steps } = checkpointBody.parse(body);
  const saved = await routes.checkpoint({ id: qi_id, gen: generation_id, runId: run_id }, parseOps(steps));
  return saved
    ? reply(200, {})
    : reply(409, { status: 409, error: "This call is stale: its work was given to somebody else." });
}
