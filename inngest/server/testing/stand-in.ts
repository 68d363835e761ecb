import http from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { callFunction } from "@/inngest/embedded/call";
import { type EngineFunction, readFunctions } from "@/inngest/embedded/functions";
import {
  type Answer,
  bearer,
  completeEvent,
  type EngineEvent,
  ulid,
  ulidOf,
} from "@/inngest/embedded/protocol";

type FunctionRun = {
  id: string;
  /** The event's internal id. */
  eventId: string;
  event: EngineEvent;
  fn: EngineFunction;
  status: "Running" | "Completed" | "Failed";
  attempt: number;
  isCalled: boolean;
};

/**
 * An Inngest server for tests, over real HTTP: what Waybill uses of `inngest start` v1.43, with its paths, statuses and
 * bodies as recorded there, and its faults on demand. Ids of events are made from the sender's seed as there.
 */
export class StandIn {
  readonly signingKey = "ab".repeat(16);
  readonly eventKey = "event-key";
  /** Paths that were asked for, ids left out, in order. */
  readonly requests: string[] = [];
  /** What functions answered, in order. */
  readonly answers: Answer[] = [];
  /** Names of the events that it was sent, in order, each time that they were. */
  readonly sent: string[] = [];
  /** How many functions it calls at once; 0 holds all. */
  places = 4;
  /** Answers every request with this status. */
  failsWith: number | null = null;
  /** Releases of before March 2026 know no invocations. */
  takesInvocations = true;
  #functions = new Map<string, { fn: EngineFunction; url: string }>();
  #events = new Map<string, EngineEvent>();
  #seen = new Set<string>();
  #runs = new Map<string, FunctionRun>();
  /** Ids of runs that are queued or under way. */
  #queue = new Set<string>();
  #server: http.Server | null = null;
  #port = 0;

  get origin(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get headers(): Record<string, string> {
    return { authorization: bearer(this.signingKey) };
  }

  /** Listens, on the port of before when there was one. */
  async start(): Promise<void> {
    const server = http.createServer((request, response) => {
      void this.#answer(request).then(({ status, body }) => {
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
      });
    });
    await new Promise<void>((resolve) => server.listen(this.#port, "127.0.0.1", resolve));
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
    this.#work();
  }

  /** Is away: nobody listens. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    server?.closeAllConnections();
    await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
  }

  /** What a restart leaves of an in-memory server without a data directory: nothing. */
  forget(): void {
    this.#functions.clear();
    this.#events.clear();
    this.#seen.clear();
    this.#runs.clear();
    this.#queue.clear();
  }

  /** What a restart leaves of an in-memory server with one: history without the queue and its keys. */
  loseQueue(): void {
    this.#seen.clear();
    this.#queue.clear();
  }

  /** Gives up what it has queued, as after all attempts. */
  giveUp(): void {
    for (const id of this.#queue) this.#end(id, "Failed");
  }

  /** The events that it knows. */
  get events(): EngineEvent[] {
    return [...this.#events.values()];
  }

  /** Ids of the functions that it knows, sorted. */
  get functions(): string[] {
    return [...this.#functions.keys()].sort();
  }

  get queued(): number {
    return this.#queue.size;
  }

  /** Calls functions again, after `places` was raised. */
  resume(places: number): void {
    this.places = places;
    this.#work();
  }

  async #answer(request: http.IncomingMessage): Promise<{ status: number; body: unknown }> {
    const path = new URL(request.url ?? "/", this.origin).pathname;
    const bytes = await buffer(request);
    this.requests.push(
      `${request.method} ${path.replace(/\/(events|runs|e|functions)\/[^/]+/, (_, kind: string) => `/${kind}/…`)}`,
    );
    if (this.failsWith !== null) return { status: this.failsWith, body: { error: "It was told to fail." } };
    const body: unknown = bytes.length > 0 ? JSON.parse(bytes.toString()) : null;
    const [, first, second, third, fourth] = path.split("/");
    if (first === "e")
      return second === this.eventKey
        ? { status: 200, body: { ids: this.#take(body, request), status: 200 } }
        : { status: 401, body: { status: 401, error: "Event key not found" } };
    if (request.headers.authorization !== bearer(this.signingKey))
      return { status: 401, body: "Authentication failed" };
    if (first === "api" && third === "apps" && this.takesInvocations)
      return this.#invoke(path.split("/")[6] ?? "", (body as { data: EngineEvent["data"] }).data);
    if (path === "/fn/register") return { status: 200, body: this.#register(body) };
    if (second === "apps") return { status: 200, body: this.#known() };
    if (second === "events" && fourth === "runs")
      return this.#list([...this.#runs.values()].filter((run) => run.eventId === third).map(shown));
    if (second === "runs" && fourth === "jobs")
      return this.#list(this.#queue.has(third ?? "") ? [{ kind: "edge", attempt: 0 }] : []);
    return { status: 404, body: { error: "Not found" } };
  }

  #list(data: unknown[]) {
    return { status: 200, body: { data, metadata: {} } };
  }

  #register(body: unknown): unknown {
    const { functions, url } = body as { functions: unknown[]; url: string };
    this.#functions.clear();
    for (const fn of readFunctions(functions)) this.#functions.set(fn.id, { fn, url });
    return { ok: true, modified: true };
  }

  /** Functions as its API shows them. */
  #known(): unknown[] {
    return [...this.#functions.values()].map(({ fn, url }) => ({
      id: fn.id,
      config: {
        slug: fn.id,
        triggers: [...fn.events.map(({ name }) => ({ event: name })), ...fn.crons.map((cron) => ({ cron }))],
        concurrency: fn.limits.map(({ limit, key }) => ({ limit, key, scope: "Fn" })),
        steps: [
          {
            id: "step",
            // Its one name for this machine.
            uri: `${url.replace("127.0.0.1", "localhost")}?fnId=${fn.id}&stepId=step`,
            retries: fn.maxAttempts - 1,
          },
        ],
      },
    }));
  }

  #take(body: unknown, request: http.IncomingMessage): string[] {
    const events = (body as Parameters<typeof completeEvent>[0][]).map(completeEvent);
    const ids = events.map((_, i) => internalId(String(request.headers["x-inngest-event-id-seed"]), i + 1));
    for (const [i, event] of events.entries()) {
      const id = ids[i] ?? "";
      this.sent.push(event.id);
      this.#events.set(id, event);
      if (this.#seen.has(event.id)) continue;
      this.#seen.add(event.id);
      for (const { fn } of this.#functions.values())
        if (fn.events.some((trigger) => trigger.name === event.name)) this.#schedule(fn, event, id);
    }
    this.#work();
    return ids;
  }

  /** The event that it makes of it has a name of its own. */
  #invoke(id: string, data: EngineEvent["data"]): { status: number; body: unknown } {
    const fn = this.#functions.get(id)?.fn;
    if (!fn) return { status: 404, body: { errors: [{ code: "not_found", message: "Function not found" }] } };
    const eventId = ulid();
    const event = completeEvent({ id: eventId, name: "inngest/function.invoked", data });
    this.#events.set(eventId, event);
    const runId = this.#schedule(fn, event, eventId);
    this.#work();
    return { status: 200, body: { data: { runId }, metadata: { fetchedAt: new Date().toISOString() } } };
  }

  #schedule(fn: EngineFunction, event: EngineEvent, eventId: string): string {
    const run: FunctionRun = {
      id: ulid(),
      eventId,
      event,
      fn,
      status: "Running",
      attempt: 0,
      isCalled: false,
    };
    this.#runs.set(run.id, run);
    this.#queue.add(run.id);
    return run.id;
  }

  #end(id: string, status: FunctionRun["status"]): void {
    const run = this.#runs.get(id);
    if (run) run.status = status;
    this.#queue.delete(id);
  }

  #work(): void {
    if (!this.#server) return;
    const queued = [...this.#queue].flatMap((id) => this.#runs.get(id) ?? []);
    let free = this.places - queued.filter((run) => run.isCalled).length;
    for (const run of queued) {
      if (run.isCalled) continue;
      if (free-- <= 0) break;
      run.isCalled = true;
      void this.#call(run).then(() => this.#work());
    }
  }

  async #call(run: FunctionRun): Promise<void> {
    const url = this.#functions.get(run.fn.id)?.url ?? "";
    const answer = await callFunction(
      { handler: (request) => fetch(request), url: url.split("?")[0] ?? "", signingKey: this.signingKey },
      run.fn,
      {
        id: run.id,
        step: "step",
        attempt: run.attempt,
        lost: 0,
        gen: 1,
        steps: {},
        run: {
          id: run.id,
          fn: run.fn.id,
          events: [run.event],
          status: "running",
          stack: [],
          planned: false,
          version: -1,
        },
      },
    );
    this.answers.push(answer);
    run.isCalled = false;
    if (!this.#queue.has(run.id)) return;
    if (answer.kind === "ops") this.#end(run.id, "Completed");
    else if (++run.attempt >= run.fn.maxAttempts) this.#end(run.id, "Failed");
  }
}

const shown = ({ id, eventId, status }: FunctionRun) => ({
  run_id: id,
  event_id: eventId,
  status,
  ended_at: null,
});

/** As the server makes it of the seed and the event's place in its request. */
function internalId(seed: string, place: number): string {
  const [ms, entropy] = seed.split(",");
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(Number(ms), 0, 6);
  Buffer.from(entropy ?? "", "base64").copy(bytes, 6);
  bytes.writeUInt32BE((bytes.readUInt32BE(12) + place) >>> 0, 12);
  return ulidOf(bytes);
}
