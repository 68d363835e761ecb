import http from "node:http";
import { createInterface } from "node:readline";
import { errorCode } from "@/lib/error-code";
import { requireNetwork } from "@/lib/net/offline";
import { Refusal } from "@/lib/refusal";
import { parseRunnerUrl, type RunnerAddress } from "./address";
import type {
  AdaptorInfo,
  LogLine,
  Runner,
  RunnerHealth,
  StepEvent,
  StepRequest,
  StepResult,
} from "./contract";

type OnLog = (lines: LogLine[]) => void;
/** `bytes` are sent as they are, `body` as JSON. */
type Call = { method: string; path: string; body?: unknown; bytes?: Uint8Array; isFresh?: boolean };

const retryEveryMs = 250;
/** How long nobody may listen before a call gives up: a runner that is restarted is back sooner. */
const connectPatienceMs = 5_000;
/** How long a step that runs may be out of reach before it counts as lost. */
const followPatienceMs = 15_000;

const unreachable = (): Refusal =>
  new Refusal(
    "unavailable",
    "The job runner does not answer. Check that it is running, then try again.",
    undefined,
    5,
  );

const neverConnected = (error: unknown): boolean =>
  ["ECONNREFUSED", "ENOENT", "ENOTFOUND", "EACCES"].includes(errorCode(error));
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, retryEveryMs));

/** HTTP to one runner over kept connections. */
class Transport {
  readonly #agent = new http.Agent({ keepAlive: true, maxFreeSockets: 32 });

  constructor(
    readonly address: RunnerAddress,
    readonly token: string,
  ) {}

  /** A fresh connection cannot be one that the runner has just closed: whoever must not ask twice takes one. */
  open({ method, path, body, bytes, isFresh = false }: Call): Promise<http.IncomingMessage> {
    requireNetwork("A call of the job runner");
    const content = bytes ?? (body === undefined ? undefined : JSON.stringify(body));
    const headers = {
      authorization: `Bearer ${this.token}`,
      ...(content === undefined
        ? {}
        : {
            "content-type": bytes ? "application/octet-stream" : "application/json",
            "content-length": Buffer.byteLength(content),
          }),
    };
    return new Promise((resolve, reject) => {
      const request = http.request(
        { ...this.address, method, path, headers, agent: isFresh ? false : this.#agent },
        resolve,
      );
      request.once("error", reject);
      request.end(content);
    });
  }

  /** Calls again while nobody listens: a runner that restarts is back within seconds. */
  async openPatiently(call: Call): Promise<http.IncomingMessage> {
    const until = performance.now() + connectPatienceMs;
    for (;;) {
      try {
        return await this.open(call);
      } catch (error) {
        if (!neverConnected(error) || performance.now() > until) throw error;
        await pause();
      }
    }
  }

  async json<T>(call: Call): Promise<T> {
    const text = (await this.bytes(call)).toString();
    return (text ? JSON.parse(text) : undefined) as T;
  }

  /** The answer's body. Throws a Refusal when the runner is away or refuses. */
  async bytes(call: Call): Promise<Buffer> {
    const response = await this.openPatiently(call).catch(() => {
      throw unreachable();
    });
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    if ((response.statusCode ?? 500) >= 400) throw refusal(response.statusCode ?? 500, body.toString());
    return body;
  }
}

function refusal(status: number, text: string): Refusal {
  let message = "The job runner refused the request.";
  try {
    message = String(JSON.parse(text).error.message);
  } catch {
    // Not the runner's own answer; the general sentence has to do.
  }
  if (status === 404) return new Refusal("not_found", message);
  return new Refusal(status < 500 ? "invalid" : "unavailable", message);
}

const lost = (message: string): StepResult => ({
  reason: "lost",
  output: null,
  error: { type: "Lost", message },
  conditions: {},
  durationMs: 0,
  peakMemoryMb: null,
  connections: [],
});

/** Reads a step's events; lines already seen are not reported again. Null when the stream broke before the result. */
async function readEvents(
  response: http.IncomingMessage,
  seen: { next: number },
  onLog: OnLog,
): Promise<StepResult | null> {
  let lines: LogLine[] = [];
  const flush = () => {
    if (lines.length) onLog(lines);
    lines = [];
  };
  const add = (line: LogLine) => {
    if (line.seq < seen.next) return;
    seen.next = line.seq + 1;
    if (lines.length === 0) setImmediate(flush);
    lines.push(line);
  };
  try {
    for await (const text of createInterface({ input: response, crlfDelay: Number.POSITIVE_INFINITY })) {
      const event = JSON.parse(text) as StepEvent;
      if (event.type === "log") add(event.line);
      else {
        flush();
        return event.result;
      }
    }
  } catch {
    // The connection broke; the caller follows the step on a new one.
  }
  flush();
  return null;
}

class HttpRunner implements Runner {
  readonly #transport: Transport;

  constructor(address: RunnerAddress, token: string) {
    this.#transport = new Transport(address, token);
  }

  async runStep(request: StepRequest, onLog: OnLog, signal?: AbortSignal): Promise<StepResult> {
    const cancel = () => void this.cancelStep(request.stepId).catch(() => undefined);
    const seen = { next: 0 };
    signal?.addEventListener("abort", cancel);
    try {
      const started = await this.#start(request);
      if (signal?.aborted) cancel();
      const result = started && (await readEvents(started, seen, onLog));
      if (result) return result;
      const followed = await this.#followOn(request.stepId, seen, onLog).catch(() => null);
      return followed ?? lost("The job runner stopped while the step ran");
    } finally {
      signal?.removeEventListener("abort", cancel);
    }
  }

  async followStep(stepId: string, onLog: OnLog): Promise<StepResult | null> {
    return this.#followOn(stepId, { next: 0 }, onLog);
  }

  async cancelStep(stepId: string): Promise<void> {
    await this.#ignoreUnknown({ method: "POST", path: `/steps/${encodeURIComponent(stepId)}/cancel` });
  }

  async forgetStep(stepId: string): Promise<void> {
    await this.#ignoreUnknown({ method: "DELETE", path: `/steps/${encodeURIComponent(stepId)}` });
  }

  async evaluate(
    projectId: string,
    input: string,
    conditions: StepRequest["conditions"],
  ): Promise<StepResult["conditions"]> {
    return this.#transport.json({
      method: "POST",
      path: "/conditions",
      body: { projectId, input, conditions },
    });
  }

  async resolveAdaptor(name: string, version: string): Promise<AdaptorInfo> {
    return this.#transport.json({ method: "POST", path: "/adaptors", body: { name, version } });
  }

  async listAdaptors(): Promise<AdaptorInfo[]> {
    return this.#transport.json({ method: "GET", path: "/adaptors" });
  }

  async exportArtefact(hash: string): Promise<Uint8Array> {
    return this.#transport.bytes({ method: "GET", path: `/artefacts/${encodeURIComponent(hash)}` });
  }

  async importArtefact(hash: string, bytes: Uint8Array): Promise<AdaptorInfo> {
    return this.#transport.json({ method: "PUT", path: `/artefacts/${encodeURIComponent(hash)}`, bytes });
  }

  async health(): Promise<RunnerHealth> {
    return this.#transport.json({ method: "GET", path: "/health" });
  }

  /**
   * Null when the request may or may not have arrived. Throws the socket's error (ECONNREFUSED, ENOENT) when it
   * certainly did not, Refusal when it was refused.
   */
  async #start(request: StepRequest): Promise<http.IncomingMessage | null> {
    const call: Call = { method: "POST", path: "/steps", body: request, isFresh: true };
    let response: http.IncomingMessage;
    try {
      response = await this.#transport.openPatiently(call);
    } catch (error) {
      if (neverConnected(error)) throw error;
      return null;
    }
    if (response.statusCode === 200) return response;
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk);
    throw refusal(response.statusCode ?? 500, Buffer.concat(chunks).toString());
  }

  /** Follows until the result; null when the runner does not know the step. Throws when it stays out of reach. */
  async #followOn(stepId: string, seen: { next: number }, onLog: OnLog): Promise<StepResult | null> {
    const call: Call = { method: "GET", path: `/steps/${encodeURIComponent(stepId)}/events` };
    let until = performance.now() + followPatienceMs;
    for (;;) {
      try {
        const response = await this.#transport.open(call);
        until = performance.now() + followPatienceMs;
        if (response.statusCode === 404) {
          response.resume();
          return null;
        }
        const result = await readEvents(response, seen, onLog);
        if (result) return result;
      } catch (error) {
        if (performance.now() > until) throw error;
      }
      await pause();
    }
  }

  async #ignoreUnknown(call: Call): Promise<void> {
    try {
      await this.#transport.json(call);
    } catch (error) {
      if (!(error instanceof Refusal && error.code === "not_found")) throw error;
    }
  }
}

/** A runner over HTTP. `url` is `unix:/path` or `http://host:port`; nothing is connected until something is asked. */
export function connectRunner({ url, token }: { url: string; token: string }): Runner {
  return new HttpRunner(parseRunnerUrl(url), token);
}
