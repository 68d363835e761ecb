import type { Agent, ClientRequest, IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { http } from "@/lib/net/builtins";
import { requireNetwork } from "@/lib/net/offline";
import type { RunnerAddress } from "./address";
import { NotStartedError } from "./contract";
import { agentFor, type Trust } from "./tls/agent";
import type { AnswerBounds, Waits } from "./waits";

/** `bytes` are sent as they are, `json` is JSON already, `body` becomes it. */
export type Call = {
  method: string;
  path: string;
  headers?: Record<string, string>;
  body?: unknown;
  bytes?: Uint8Array;
  json?: string;
  /** The body leaves only when the runner has said that it takes it: until then nothing can have begun. */
  isHeldBack?: boolean;
  /** Ends the call and its answer. */
  signal?: AbortSignal;
};

/** The runner did not say in time what it was waited for. */
class SilenceError extends Error {
  constructor(what: string, ms: number) {
    super(`The job runner ${what} within ${ms} ms.`);
    this.name = "SilenceError";
  }
}

const keepAliveMs = 10_000;
const maxFreeSockets = 32;

/** HTTP to one runner over kept connections. No call waits without end. */
export class Transport {
  readonly #kept: Agent;
  readonly #fresh: Agent;

  constructor(
    readonly address: RunnerAddress,
    readonly token: string,
    readonly waits: Waits,
    trust: Trust,
  ) {
    const kept = { keepAlive: true, keepAliveMsecs: keepAliveMs, maxFreeSockets };
    this.#kept = agentFor(address, trust, waits.connectMs, kept);
    this.#fresh = agentFor(address, trust, waits.connectMs);
  }

  /**
   * Sends a request and answers with the head of what comes back; its body may pause for `lineMs` at most, then it ends
   * with an error. Throws NotStartedError, whatever the cause, while nothing of it has been handed to the runner: no
   * connection stands yet, or the runner has not said that it takes what was held back.
   */
  async open(call: Call): Promise<IncomingMessage> {
    requireNetwork("A call of the job runner");
    try {
      return await new Opening(this, call, this.#kept).answer;
    } catch (error) {
      // The runner closes connections that rest; this one it was closing when it was taken up again.
      if (!(error instanceof RestedError)) throw error;
      return new Opening(this, call, this.#fresh).answer;
    }
  }

  /** Asks for a connection of its own that speaks `protocol` from then on. Null when the runner does not. */
  async upgrade(
    path: string,
    protocol: string,
    more: Record<string, string>,
  ): Promise<{ socket: Duplex; head: Buffer } | null> {
    requireNetwork("A call of the job runner");
    const headers = {
      ...more,
      authorization: `Bearer ${this.token}`,
      connection: "upgrade",
      upgrade: protocol,
    };
    const signal = AbortSignal.timeout(this.waits.connectMs + this.waits.headMs);
    return new Promise((resolve, reject) => {
      const request = http.request({
        ...this.address,
        method: "GET",
        path,
        headers,
        agent: this.#fresh,
        signal,
      });
      request.once("error", reject);
      request.once("upgrade", (_, socket, head) => resolve({ socket, head }));
      request.once("response", (response) => {
        response.destroy();
        resolve(null);
      });
      request.end();
    });
  }

  /** A whole answer, within its bounds. Throws what `open` throws, and an Error when it is too long or too large. */
  async whole(call: Call, { totalMs, maxBytes }: AnswerBounds): Promise<{ status: number; body: Buffer }> {
    const signal = AbortSignal.timeout(totalMs);
    let response: IncomingMessage | undefined;
    try {
      response = await this.open({ ...call, signal });
      const chunks: Buffer[] = [];
      let size = 0;
      for await (const chunk of response) {
        chunks.push(chunk);
        size += chunk.length;
        if (size > maxBytes) throw new Error("The job runner answers with more than it should.");
      }
      return { status: response.statusCode ?? 500, body: Buffer.concat(chunks) };
    } catch (error) {
      throw signal.aborted ? new SilenceError("did not finish its answer", totalMs) : error;
    } finally {
      response?.destroy();
    }
  }
}

/** A kept connection had been closed by the runner before it heard anything. */
class RestedError extends Error {}

/** One request until the head of its answer is there. */
class Opening {
  readonly answer: Promise<IncomingMessage>;
  readonly #request: ClientRequest;
  readonly #content: string | Uint8Array | undefined;
  #timer: NodeJS.Timeout | undefined;
  #hasLeft = false;
  #fail: (error: Error) => void = () => undefined;

  constructor(
    { address, token, waits }: Pick<Transport, "address" | "token" | "waits">,
    readonly call: Call,
    agent: Agent,
  ) {
    const { method, path, body, bytes, json, signal, isHeldBack = false } = call;
    this.#content = bytes ?? json ?? (body === undefined ? undefined : JSON.stringify(body));
    const headers = {
      authorization: `Bearer ${token}`,
      ...call.headers,
      ...(this.#content === undefined
        ? {}
        : {
            "content-type": bytes ? "application/octet-stream" : "application/json",
            "content-length": Buffer.byteLength(this.#content),
          }),
      ...(isHeldBack ? { expect: "100-continue" } : {}),
    };
    const request = http.request({ ...address, method, path, headers, agent, ...(signal ? { signal } : {}) });
    this.#request = request;
    this.answer = new Promise((resolve, reject) => {
      this.#fail = (error) => {
        request.destroy();
        const isRested = request.reusedSocket && !(error instanceof SilenceError);
        if (isRested && (!isHeldBack || !this.#hasLeft)) reject(new RestedError(error.message));
        else reject(this.#hasLeft ? error : new NotStartedError(error.message, { cause: error }));
      };
      request.once("response", resolve);
    });
    const settle = () => clearTimeout(this.#timer);
    this.answer.then(settle, settle);
    request.on("error", (error) => this.#fail(error));
    this.#await("could not be connected to", waits.connectMs);
    request.once("socket", (socket) => whenConnected(socket, () => this.#connected(waits)));
    if (isHeldBack) request.flushHeaders();
  }

  #connected({ headMs, lineMs }: Waits): void {
    const request = this.#request;
    // Nothing moves in either direction: neither our body, nor the head, nor, later, the lines of the answer.
    request.setTimeout(lineMs, () => request.destroy(new SilenceError("said nothing", lineMs)));
    const send = () => {
      this.#hasLeft = true;
      clearTimeout(this.#timer);
      const expectHead = () => this.#await("did not answer", headMs);
      request.once("finish", expectHead);
      // What takes long is said to be in hand (102) until it is done.
      request.on("information", expectHead);
      request.end(this.#content);
    };
    if (!this.call.isHeldBack) send();
    else {
      this.#await("did not say that it takes the request", headMs);
      request.once("continue", send);
    }
  }

  #await(what: string, ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#fail(new SilenceError(what, ms)), ms);
  }
}

function whenConnected(socket: Socket, act: () => void): void {
  if (!socket.connecting) act();
  else socket.once("encrypted" in socket ? "secureConnect" : "connect", act);
}
