import type { IncomingMessage, ServerResponse } from "node:http";
import type { Reached, StepRef } from "@/lib/runner/contract";
import { refOf } from "@/lib/runner/results";
import type { Entry, Follower, StepRegistry } from "@/lib/runner/step/step-registry";
import { headers, ndjson } from "@/lib/runner/wire";
import { AnswerSink, type EventSink, EventStream } from "./event-stream";
import { HttpError, inHand, readBytes, readJson, sendDone, sendJson } from "./http";
import { parseAnswerPart, parseCall, parseStepRef, parseStepRefs, parseStepRequest } from "./request-schema";

/** The steps of one life of the runner. */
export type StepServices = {
  /** Uuid of this start of the process. */
  life: string;
  steps: StepRegistry;
  /** What a step had sent to whom in a life, or in any when null is given; null when nobody knows. */
  reached(ref: StepRef, life: string | null): Reached[] | null;
};

export type Exchange = { request: IncomingMessage; response: ServerResponse; url: URL };

/** `POST /steps`: starts a step, or follows it when this attempt is known. Throws HttpError. */
export async function startStep(services: StepServices, exchange: Exchange): Promise<void> {
  const { request, response } = exchange;
  assertLife(services, exchange, null);
  const call = parseCall(headerOf(request, headers.call) ?? "0");
  const step = parseStepRequest(await readJson(request, response));
  enter(services, answering(services, exchange), refOf(step), (follower) =>
    services.steps.start(step, follower, call),
  );
}

/** What `POST /steps` does, of a request that came over a link, which is of one life. Throws HttpError and ZodError. */
export function startOnLink(
  services: StepServices,
  { call, request, sink }: { call: number; request: unknown; sink: EventSink },
): void {
  const step = parseStepRequest(request);
  const answering = { knowsLife: true, open: () => new EventStream(sink, { hasBeats: true }) };
  enter(services, answering, refOf(step), (follower) => services.steps.start(step, follower, call));
}

/** `GET /steps/:id/events`: follows a step, or says what became of it. Throws HttpError. */
export function followStep(services: StepServices, stepId: string, exchange: Exchange): void {
  const ref = refFrom(stepId, exchange);
  assertLife(services, exchange, ref);
  const revoked = exchange.url.searchParams.get("revokes");
  const call = revoked === null ? -1 : parseCall(revoked);
  enter(services, answering(services, exchange), ref, (follower) =>
    services.steps.follow(ref, follower, call),
  );
}

/** `POST /steps/:id/cancel`. Throws HttpError. */
export function cancelStep(services: StepServices, stepId: string, exchange: Exchange): void {
  assertLife(services, exchange, { stepId, epoch: 0, attempt: 0 });
  services.steps.cancel(stepId);
  sendDone(exchange.response);
}

/** `DELETE /steps/:id`. Throws HttpError. */
export function forgetStep(services: StepServices, stepId: string, exchange: Exchange): void {
  const ref = refFrom(stepId, exchange);
  assertLife(services, exchange, ref);
  if (!services.steps.forget(ref)) throw superseded();
  sendDone(exchange.response);
}

/** `POST /forgotten`: several at once. Answers which of them a newer executor has, by their place. Throws HttpError. */
export async function forgetSteps(services: StepServices, exchange: Exchange): Promise<void> {
  const { request, response } = exchange;
  assertLife(services, exchange, null);
  const refs = parseStepRefs(await readJson(request, response));
  const superseded = refs.flatMap((ref, index) => (services.steps.forget(ref) ? [] : [index]));
  sendJson(response, 200, { superseded });
}

const maxPartBytes = 64 * 1024 * 1024;
const statusOfTaken = { taken: 204, "not yours": 409, gone: 410 } as const;

/** `POST /steps/:id/answers/:ask`: a part of an answer to what the step's job has asked. Throws HttpError. */
export async function answerStep(
  services: StepServices,
  { stepId, askId }: { stepId: string; askId: string },
  { request, response }: Exchange,
): Promise<void> {
  const part = parseAnswerPart(headerOf(request, headers.part) ?? "");
  const bytes = await readBytes(request, response, maxPartBytes);
  const taken = await inHand(response, services.steps.answer({ stepId, askId, ...part }, bytes));
  response.writeHead(statusOfTaken[taken]);
  response.end();
}

function headerOf(request: IncomingMessage, name: string): string | null {
  const value = request.headers[name];
  return typeof value === "string" && value !== "" ? value : null;
}

const refFrom = (stepId: string, { url: { searchParams } }: Exchange): StepRef =>
  parseStepRef({
    stepId,
    epoch: Number(searchParams.get("epoch") ?? 0),
    attempt: Number(searchParams.get("attempt") ?? 0),
  });

const superseded = () =>
  new HttpError(409, "A newer executor has taken this step over.", { code: "superseded" });

/** What is meant for another life is not done: what that one knew has ended with it, but for its journal. */
function assertLife(services: StepServices, { request }: Exchange, ref: StepRef | null): void {
  const meant = headerOf(request, headers.life);
  if (meant === null || meant === services.life) return;
  const hosts = ref && services.reached(ref, meant);
  throw new HttpError(409, "The runner was started anew since.", {
    code: "other_life",
    life: services.life,
    fate: { kind: "gone", hosts },
  });
}

/** Where the events go, and whether whoever asks knows which life it is that answers. */
type Answering = { knowsLife: boolean; open(): EventStream };

function answering({ life }: StepServices, { request, response }: Exchange): Answering {
  const hasBeats = request.headers.accept === ndjson;
  const knowsLife = headerOf(request, headers.life) !== null;
  const open = () =>
    new EventStream(new AnswerSink(response, { [headers.life]: life }, { isHeadAwaited: !knowsLife }), {
      hasBeats,
    });
  return { knowsLife, open };
}

/** Answers with the step's events, or throws what `ask` came to as an HttpError. */
function enter(
  services: StepServices,
  { knowsLife, open }: Answering,
  ref: StepRef,
  ask: (follower: Follower) => Entry,
): void {
  let opened: EventStream | null = null;
  const stream = (): EventStream => {
    opened ??= open();
    return opened;
  };
  const entry = ask({ event: (event) => stream().event(event) });
  switch (entry.kind) {
    case "following":
      stream().sink.onClose(entry.leave);
      return;
    case "superseded":
      throw superseded();
    case "draining":
      throw new HttpError(503, "The runner is being stopped.", { code: "draining" });
    case "busy":
      throw new HttpError(409, "The attempt before has not ended.", { code: "busy" });
    case "gone":
      throw gone(services, ref);
    case "never_started":
      // Whoever does not say which life may ask about another: this one cannot know.
      if (!knowsLife) throw gone(services, ref);
      throw new HttpError(404, "The runner does not know this step.", {
        code: "unknown_step",
        fate: { kind: "never_started" },
      });
    default:
      entry satisfies never;
  }
}

const gone = (services: StepServices, ref: StepRef) =>
  new HttpError(410, "The runner does not know this step any more.", {
    code: "gone",
    fate: { kind: "gone", hosts: services.reached(ref, null) },
  });
