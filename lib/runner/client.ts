import type http from "node:http";
import { log } from "@/lib/log";
import { Refusal } from "@/lib/refusal";
import { parseRunnerUrl, type RunnerAddress } from "./address";
import {
  type AdaptorInfo,
  type AnswerPart,
  type Ask,
  NotReachableError,
  NotStartedError,
  type PublishedVersions,
  type Runner,
  type RunnerHealth,
  type StepFate,
  type StepRef,
  type StepRequest,
  type StepResult,
  SupersededError,
} from "./contract";
import { Forgetting } from "./forgetting";
import { StepLink } from "./link/step-link";
import { lostResult, refOf } from "./results";
import { type Following, type LastEvent, type OnLog, readEvents } from "./step-events";
import type { Trust } from "./tls/agent";
import { type Call, Transport } from "./transport";
import { unreachable } from "./unreachable";
import { type AnswerBounds, answerBounds, defaultWaits, type Waits } from "./waits";
import { headers, ndjson, type StepRefusal } from "./wire";

type Refused = Partial<Pick<StepRefusal, "code">> & {
  fate?: StepFate;
  error?: { message?: string };
  superseded?: number[];
};

function parsed(text: string): Refused {
  try {
    return JSON.parse(text) as Refused;
  } catch {
    // Not the runner's own answer; the general sentence has to do.
    return {};
  }
}

/** What a caller of `Runner` is told when the runner refuses. */
function refusal(status: number, { error }: Refused): Refusal {
  const message = String(error?.message ?? "The job runner refused the request.");
  if (status === 404) return new Refusal("not_found", message);
  return new Refusal(status < 500 ? "invalid" : "unavailable", message);
}

/** Numbers the starts of this process: of one epoch there are no others. */
let lastCall = 0;

/** A step that may be running: where, what was seen of it, and which start may still be on its way. */
type Pursuit = { ref: StepRef; life: string | null; revokes?: number; seen: { next: number }; onLog: OnLog };

/** Answers what the jobs of steps ask: their projects' collections. Who asks is proved by what the request brings. */
export type Answerer = (request: Request) => Promise<Response>;

/** Headers of an answer that reach the job. */
const told = ["content-type", "retry-after"];

class HttpRunner implements Runner {
  readonly #transport: Transport;
  /** Of a named life alone: whoever else answers at the address has its own. */
  readonly #link: StepLink | null;
  readonly #forgetting = new Forgetting((refs) => this.#forget(refs));

  constructor(
    address: RunnerAddress,
    token: string,
    readonly life: string | null,
    readonly waits: Waits,
    trust: Trust,
    readonly answerer: Answerer | null,
  ) {
    this.#transport = new Transport(address, token, waits, trust);
    this.#link = life === null ? null : new StepLink(this.#transport, life);
  }

  async runStep(request: StepRequest, onLog: OnLog, signal?: AbortSignal): Promise<StepResult> {
    const cancel = () => void this.cancelStep(request.stepId).catch(() => undefined);
    signal?.addEventListener("abort", cancel);
    if (signal?.aborted) cancel();
    try {
      return await this.#run(request, onLog);
    } finally {
      signal?.removeEventListener("abort", cancel);
    }
  }

  followStep(ref: StepRef, onLog: OnLog): Promise<StepFate> {
    return this.#pursue({ ref, life: this.life, seen: { next: 0 }, onLog });
  }

  async cancelStep(stepId: string): Promise<void> {
    await this.#say({ method: "POST", path: `${pathOf(stepId)}/cancel`, headers: meant(this.life) });
  }

  forgetStep(ref: StepRef): Promise<void> {
    return this.#forgetting.add(ref);
  }

  /** Says which of them somebody newer has. A runner of the release before is told of each alone. */
  async #forget(refs: StepRef[]): Promise<StepRef[]> {
    const call: Call = {
      method: "POST",
      path: "/forgotten",
      headers: meant(this.life),
      body: { steps: refs },
    };
    const { status, body } = await this.#whole(call, answerBounds.word);
    const told = parsed(body.toString());
    if (status === 404) {
      const kept = await Promise.all(refs.map((ref) => this.#forgetAlone(ref)));
      return refs.filter((_, index) => !kept[index]);
    }
    if (told.code === "other_life") return [];
    if (status >= 400) throw refusal(status, told);
    return (told.superseded ?? []).flatMap((index) => refs[index] ?? []);
  }

  /** False when somebody newer has it. */
  async #forgetAlone(ref: StepRef): Promise<boolean> {
    const path = `${pathOf(ref.stepId)}?${queryOf(ref)}`;
    try {
      await this.#say({ method: "DELETE", path, headers: meant(this.life) });
      return true;
    } catch (error) {
      if (error instanceof SupersededError) return false;
      throw error;
    }
  }

  async evaluate(
    projectId: string,
    input: string,
    conditions: StepRequest["conditions"],
  ): Promise<StepResult["conditions"]> {
    const body = { projectId, input, conditions };
    return this.#json({ method: "POST", path: "/conditions", body }, answerBounds.conditions);
  }

  async resolveAdaptor(name: string, version: string): Promise<AdaptorInfo> {
    return this.#json({ method: "POST", path: "/adaptors", body: { name, version } }, answerBounds.adaptor);
  }

  async listAdaptors(): Promise<AdaptorInfo[]> {
    return this.#json({ method: "GET", path: "/adaptors" }, answerBounds.adaptors);
  }

  async publishedVersions(name: string): Promise<PublishedVersions> {
    const path = `/adaptors/${encodeURIComponent(name)}/versions`;
    return this.#json({ method: "GET", path }, answerBounds.versions);
  }

  async exportArtefact(hash: string): Promise<Uint8Array> {
    const path = `/artefacts/${encodeURIComponent(hash)}`;
    return this.#bytes({ method: "GET", path }, answerBounds.artefact);
  }

  async importArtefact(hash: string, bytes: Uint8Array): Promise<AdaptorInfo> {
    const path = `/artefacts/${encodeURIComponent(hash)}`;
    return this.#json({ method: "PUT", path, bytes }, answerBounds.artefact);
  }

  async health(): Promise<RunnerHealth> {
    return this.#json({ method: "GET", path: "/health" }, answerBounds.health);
  }

  async #run(request: StepRequest, onLog: OnLog): Promise<StepResult> {
    lastCall += 1;
    const pursuit: Pursuit = {
      ref: refOf(request),
      life: this.life,
      revokes: lastCall,
      seen: { next: 0 },
      onLog,
    };
    const event = await this.#begin(JSON.stringify(request), lastCall, pursuit);
    if (event) return resultOf(fateOf(event));
    try {
      return resultOf(await this.#pursue(pursuit));
    } catch (error) {
      if (!(error instanceof NotReachableError)) throw error;
      return lostResult(null);
    }
  }

  /** Starts a step, over the link where it can be, and reads its events. Null when that broke off. Throws as `#start`. */
  async #begin(json: string, call: number, pursuit: Pursuit): Promise<LastEvent | null> {
    const { seen, onLog } = pursuit;
    const following = (): Following => ({ seen, onLog, onAsk: this.#answering(pursuit) });
    const linked = await this.#link?.run(json, call, following());
    if (linked && linked !== "by HTTP") return linked.last;
    const response = await this.#start(json, call);
    if (!response) return null;
    pursuit.life ??= lifeIn(response);
    return readEvents(response, following());
  }

  /**
   * The answer to a start. Null when nobody knows whether it arrived. Throws NotStartedError when it certainly did not,
   * SupersededError, and Refusal when it was refused.
   */
  async #start(json: string, call: number): Promise<http.IncomingMessage | null> {
    let response: http.IncomingMessage;
    try {
      response = await this.#openPatiently({
        method: "POST",
        path: "/steps",
        headers: { ...meant(this.life), [headers.call]: String(call), accept: ndjson },
        json,
        isHeldBack: true,
      });
    } catch (error) {
      if (error instanceof NotStartedError) throw error;
      return null;
    }
    if (response.statusCode === 200) return response;
    const refused = await this.#refused(response);
    if (refused.code === "other_life" || refused.code === "draining")
      throw new NotStartedError(refused.error?.message ?? refused.code);
    if (refused.code === "superseded") throw new SupersededError();
    // It was here and is over: whoever forgot it has stored what came of it.
    if (refused.code === "gone") return null;
    throw refusal(response.statusCode ?? 500, refused);
  }

  /** Follows until the step's fate is known. Throws SupersededError, and NotReachableError after the patience. */
  async #pursue({ ref, life, revokes, seen, onLog }: Pursuit): Promise<StepFate> {
    const revoking = revokes === undefined ? "" : `&revokes=${revokes}`;
    const path = `${pathOf(ref.stepId)}/events?${queryOf(ref)}${revoking}`;
    const call: Call = { method: "GET", path, headers: { ...meant(life), accept: ndjson } };
    let until = performance.now() + this.waits.followMs;
    for (;;) {
      let cause: unknown;
      try {
        const response = await this.#transport.open(call);
        if (response.statusCode === 200) {
          const event = await readEvents(response, {
            ...{ seen, onLog },
            onAsk: this.#answering({ ref, life }),
          });
          if (event) return fateOf(event);
          until = performance.now() + this.waits.followMs;
        } else {
          const refused = await this.#refused(response);
          if (refused.code === "superseded") throw new SupersededError();
          if (refused.fate) return refused.fate;
          // A runner of the release before says no more than that it does not know the step.
          if (response.statusCode === 404) return { kind: "gone", hosts: null };
        }
      } catch (error) {
        if (error instanceof SupersededError) throw error;
        cause = error;
      }
      if (performance.now() >= until) throw new NotReachableError({ cause });
      await this.#pause();
    }
  }

  /** Answers each question of a step's job once, while the step is followed here. */
  #answering({ ref, life }: Pick<Pursuit, "ref" | "life">): (ask: Ask) => void {
    const begun = new Set<string>();
    return (ask) => {
      if (begun.has(ask.id)) return;
      begun.add(ask.id);
      this.#answer(ref.stepId, ask, life).catch((error: unknown) => {
        log.warn("What a job asked of its collections was not answered", { step: ref.stepId, error });
      });
    };
  }

  /** Hands an answer over part by part: the next is read when the job has taken the one before. */
  async #answer(stepId: string, ask: Ask, life: string | null): Promise<void> {
    const path = `${pathOf(stepId)}/answers/${encodeURIComponent(ask.id)}`;
    const left = new AbortController();
    const response = await this.#answered(ask, left.signal);
    const parts = response.body?.getReader();
    let seq = 0;
    for (let isLast = false; !isLast; seq++) {
      const part = await parts?.read();
      isLast = part?.done ?? true;
      const head = seq === 0 ? { head: headOf(response) } : {};
      const call: Call = {
        ...{ method: "POST", path, bytes: part?.value ?? new Uint8Array() },
        headers: { ...meant(life), [headers.part]: JSON.stringify({ seq, isLast, ...head }) },
      };
      const { status } = await this.#transport.whole(call, answerBounds.part).catch((error: unknown) => {
        left.abort();
        void parts?.cancel().catch(() => undefined);
        throw error;
      });
      if (status < 400) continue;
      // The job has gone on, or somebody else answers.
      left.abort();
      return void parts?.cancel().catch(() => undefined);
    }
  }

  async #answered({ method, path, headers: given, body }: Ask, signal: AbortSignal): Promise<Response> {
    if (!this.answerer) return Response.json({ error: "There are no collections here." }, { status: 404 });
    const hasBody = method !== "GET" && body !== "";
    const request = new Request(`http://collections${path}`, {
      ...{ method, headers: given, signal },
      ...(hasBody ? { body } : {}),
    });
    return this.answerer(request).catch((error: unknown) => {
      log.warn("What a job asked of its collections was not answered", { error });
      return Response.json({ error: "The collections cannot be reached at the moment." }, { status: 503 });
    });
  }

  async #refused(response: http.IncomingMessage): Promise<Refused> {
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk);
    response.destroy();
    return parsed(Buffer.concat(chunks).toString());
  }

  /** Calls again while nobody takes it, when any life will do: a runner that restarts is back within seconds. */
  async #openPatiently(call: Call): Promise<http.IncomingMessage> {
    return this.#patiently(() => this.#transport.open(call));
  }

  async #patiently<T>(ask: () => Promise<T>): Promise<T> {
    const until = performance.now() + (this.life === null ? this.waits.absenceMs : 0);
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof NotStartedError) || performance.now() >= until) throw error;
        await this.#pause();
      }
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, this.waits.pauseMs));
  }

  /** To cancel or to forget: another life, or one that knows nothing of the step, has nothing to do. */
  async #say(call: Call): Promise<void> {
    const { status, body } = await this.#whole(call, answerBounds.word);
    if (status < 400) return;
    const refused = parsed(body.toString());
    if (refused.code === "superseded") throw new SupersededError();
    if (refused.code === "other_life" || status === 404) return;
    throw refusal(status, refused);
  }

  async #json<T>(call: Call, bounds: AnswerBounds): Promise<T> {
    return JSON.parse((await this.#bytes(call, bounds)).toString()) as T;
  }

  /** The answer's body. Throws a Refusal when the runner is away or refuses. */
  async #bytes(call: Call, bounds: AnswerBounds): Promise<Buffer> {
    const { status, body } = await this.#whole(call, bounds);
    if (status >= 400) throw refusal(status, parsed(body.toString()));
    return body;
  }

  async #whole(call: Call, bounds: AnswerBounds): ReturnType<Transport["whole"]> {
    try {
      return await this.#patiently(() => this.#transport.whole(call, bounds));
    } catch (error) {
      log.debug("The job runner does not answer", { path: call.path.split("?")[0], error });
      throw unreachable(error);
    }
  }
}

const headOf = ({ status, headers: all }: Response): AnswerPart["head"] => ({
  status,
  headers: Object.fromEntries([...all].filter(([name]) => told.includes(name))),
});

const pathOf = (stepId: string): string => `/steps/${encodeURIComponent(stepId)}`;
const queryOf = ({ epoch, attempt }: StepRef): string => `epoch=${epoch}&attempt=${attempt}`;
const meant = (life: string | null): Record<string, string> =>
  life === null ? {} : { [headers.life]: life };

function lifeIn(response: http.IncomingMessage): string | null {
  const life = response.headers[headers.life];
  return typeof life === "string" ? life : null;
}

/** What the last event of a stream says. Throws SupersededError. */
function fateOf(event: NonNullable<Awaited<ReturnType<typeof readEvents>>>): StepFate {
  if (event.type === "superseded") throw new SupersededError();
  return event.type === "result" ? { kind: "result", result: event.result } : { kind: "never_started" };
}

/** A step's fate as its result. Throws NotStartedError. */
function resultOf(fate: StepFate): StepResult {
  if (fate.kind === "never_started") throw new NotStartedError("no worker could be had for it");
  return fate.kind === "result" ? fate.result : lostResult(fate.hosts);
}

/**
 * A runner over HTTP: the one of this life when one is named, else whichever listens there. `url` is `unix:/path`,
 * `http://host:port` or `https://host:port`, whose certificate `trust` speaks of. Nothing is connected until something is
 * asked.
 */
export function connectRunner({
  url,
  token,
  life = null,
  trust = {},
  waits,
  answerer = null,
}: {
  url: string;
  token: string;
  life?: string | null;
  trust?: Trust;
  waits?: Partial<Waits>;
  answerer?: Answerer | null;
}): Runner {
  return new HttpRunner(parseRunnerUrl(url), token, life, { ...defaultWaits, ...waits }, trust, answerer);
}
