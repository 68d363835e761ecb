import { parseExact, stringifyExact } from "@/lib/exact-json";
import type { Config } from "./config";
import { CliFailure, codeOf, wordsOf } from "./failure";

/** What a request may take, in ms: a large project is sent and applied within it. */
const usualTimeoutMs = 120_000;
const userAgent = "waybill-cli";

export type RequestOptions = {
  query?: Iterable<readonly [name: string, value: string]>;
  /** Sent as JSON. */
  body?: unknown;
  accept?: string;
  timeoutMs?: number;
};

/**
 * Talks to one server with one token. Paths begin at the server's origin, as with OpenFn's command line, so an endpoint such
 * as `https://app.openfn.org/api/provision` works, too.
 */
export class Client {
  /** As people know it, for messages. */
  readonly endpoint: string;
  readonly origin: string;
  readonly #token: string;
  readonly #signal: AbortSignal;

  /** Throws `CliFailure` for what can be no token. */
  constructor(endpoint: string, token: string, signal: AbortSignal) {
    if (/[^\u0021-\u007e]/.test(token))
      throw new CliFailure("Invalid API key", {
        next: "It holds a space, a line break or letters that no token has. Copy it again.",
      });
    this.endpoint = endpoint;
    this.origin = new URL(endpoint).origin;
    this.#token = token;
    this.#signal = signal;
  }

  /**
   * Answers whatever the server does but 401 and 403, which throw `CliFailure` in OpenFn's words, as no connection does. The
   * answer's body is still to be read.
   */
  async request(method: string, path: string, options: RequestOptions = {}): Promise<Response> {
    const response = await this.send(method, path, options);
    const refusal = this.refusalOf(response);
    if (!refusal) return response;
    await response.body?.cancel();
    throw refusal;
  }

  /** What 401 and 403 mean for whoever holds the token, null for every other answer. */
  refusalOf({ status }: Response): CliFailure | null {
    if (status === 401) return this.#unauthorized();
    return status === 403 ? this.#forbidden() : null;
  }

  /** The same, 401 and 403 included. */
  async send(
    method: string,
    path: string,
    { query = [], body, accept = "application/json", timeoutMs = usualTimeoutMs }: RequestOptions = {},
  ): Promise<Response> {
    const url = new URL(path, this.origin);
    for (const [name, value] of query) url.searchParams.append(name, value);
    const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(timeoutMs)]);
    try {
      return await fetch(url, {
        method,
        signal,
        headers: {
          authorization: `Bearer ${this.#token}`,
          accept,
          "user-agent": userAgent,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: stringifyExact(body) }),
      });
    } catch (error) {
      this.#signal.throwIfAborted();
      throw this.#unreached(error, timeoutMs);
    }
  }

  /** The JSON of an answer, with every number as it was written. Throws `CliFailure` when it is something else: another program answers there. */
  async json(response: Response): Promise<unknown> {
    const text = await this.text(response);
    try {
      return parseExact(text);
    } catch (cause) {
      throw new CliFailure(`${this.endpoint} answered ${response.status} with something that is not JSON.`, {
        next: "Check that the endpoint is the address of Waybill, or of an OpenFn instance, and nothing else answers there.",
        cause,
      });
    }
  }

  async text(response: Response): Promise<string> {
    try {
      return await response.text();
    } catch (error) {
      this.#signal.throwIfAborted();
      throw this.#unreached(error, usualTimeoutMs);
    }
  }

  #unauthorized = () =>
    new CliFailure(`Failed to authorize request with endpoint ${this.endpoint}, got 401 Unauthorized.`, {
      next: "The token is unknown there, has expired or was revoked. Make another one in the account's or the project's settings, then run `waybill login`.",
    });

  #forbidden = () =>
    new CliFailure(`Failed to authorize request with endpoint ${this.endpoint}, got 403 Forbidden.`, {
      next: "The token may not do this: it needs the scopes read and deploy, and its project must be this one.",
    });

  #unreached(error: unknown, timeoutMs: number): CliFailure {
    const code = codeOf(error);
    if (code === "ECONNREFUSED")
      return new CliFailure(`Failed to connect to endpoint ${this.endpoint}, got ECONNREFUSED.`, {
        next: "Nothing listens there. Start Waybill, or mend the endpoint.",
        cause: error,
      });
    if (error instanceof Error && error.name === "TimeoutError")
      return new CliFailure(`${this.endpoint} did not answer within ${timeoutMs / 1000} seconds.`, {
        next: "Try again; what was not answered may have been done, which the next command will show.",
        cause: error,
      });
    return new CliFailure(
      `Failed to connect to endpoint ${this.endpoint}, got ${code ?? wordsOf(error instanceof Error && error.cause ? error.cause : error)}.`,
      {
        next: "Check the endpoint and the network, then try again.",
        cause: error,
      },
    );
  }
}

/** The client that a config asks for. Throws `CliFailure`, with OpenFn's words where it has some. */
export function clientFor({ endpoint, apiKey }: Config, signal: AbortSignal): Client {
  if (endpoint !== null) checkEndpoint(endpoint);
  if (!apiKey)
    throw new CliFailure("Missing API key", {
      next: "Run `waybill login`, or give WAYBILL_API_KEY (or OPENFN_API_KEY), or apiKey in the config file.",
    });
  if (endpoint === null)
    throw new CliFailure("Missing endpoint", {
      next: "Run `waybill login`, or give WAYBILL_ENDPOINT (or OPENFN_ENDPOINT), or endpoint in the config file.",
    });
  return new Client(endpoint, apiKey, signal);
}

/** Throws `CliFailure` for what is no address of a server. */
export function checkEndpoint(endpoint: string): void {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : null;
  if (url && /^https?:$/.test(url.protocol)) {
    if (url.username === "" && url.password === "") return;
    // It would stand in messages, in the log of a build and in commits.
    throw new CliFailure("Invalid endpoint", {
      next: `An endpoint has no user name and no password: write ${url.origin}, and give the token by itself.`,
    });
  }
  throw new CliFailure("Invalid endpoint", {
    next: `${JSON.stringify(endpoint)} is no address like https://waybill.example.org.`,
  });
}
