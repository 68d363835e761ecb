import type { Agent, IncomingHttpHeaders, IncomingMessage } from "node:http";
import net from "node:net";
import type { Duplex } from "node:stream";
import type { ConnectionOptions } from "node:tls";
import { http, https, tls } from "./builtins";
import { EgressError, type EgressPolicy, normaliseHost } from "./egress-policy";
import { requireNetwork } from "./offline";

type Created = ((error: Error | null, socket: Duplex) => void) | undefined;
type AgentOptions = {
  host?: string | null;
  hostname?: string | null;
  port?: number | string | null;
  servername?: string;
};

const destination = (
  { host, hostname, port }: AgentOptions,
  usualPort: number,
): { host: string; port: number } => ({
  host: normaliseHost(host ?? hostname ?? ""),
  port: Number(port ?? usualPort),
});

/** Hands `open` a literal address that the policy allows, or the caller the refusal. */
function create(
  policy: EgressPolicy,
  options: AgentOptions,
  usualPort: number,
  created: Created,
  open: (address: string) => net.Socket,
) {
  const { host, port } = destination(options, usualPort);
  policy.resolve(host, port).then(
    ([address = ""]) => created?.(null, open(address)),
    // Node looks at the error first; a socket is there for the types only.
    (error: Error) => created?.(error, new net.Socket()),
  );
}

/** An agent for requests of our own server to URLs that users gave: the policy that jobs are under. */
export function guardedAgent(policy: EgressPolicy, isSecure: boolean): Agent {
  const usualPort = isSecure ? 443 : 80;
  const agent = new (isSecure ? https() : http).Agent({ keepAlive: false });
  agent.createConnection = (options: AgentOptions, created?: Created) => {
    const { host, port } = destination(options, usualPort);
    const servername = net.isIP(host) ? undefined : host;
    create(policy, options, usualPort, created, (address) =>
      isSecure
        ? tls().connect({
            ...(options as ConnectionOptions),
            host: address,
            port,
            ...(servername ? { servername } : {}),
          })
        : net.connect({ host: address, port }),
    );
    return undefined;
  };
  return agent;
}

type Lookup = (
  host: string,
  options: { all?: boolean | undefined },
  callback: (
    error: NodeJS.ErrnoException | null,
    address: string | { address: string; family: number }[],
    family?: number,
  ) => void,
) => void;

/**
 * A `lookup` for `net.connect`, SMTP and database clients. It sees names only: callers must also check a literal
 * address themselves, which `assertAllowed` does.
 */
export function guardedLookup(policy: EgressPolicy, port: number): Lookup {
  return (host, options, callback) => {
    policy.resolve(host, port).then(
      (addresses) => {
        const found = addresses.map((address) => ({ address, family: net.isIP(address) }));
        if (options.all) callback(null, found);
        else callback(null, found[0]?.address ?? "", found[0]?.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, ""),
    );
  };
}

/** Throws EgressError unless the URL is http(s), without credentials in it, and leads to an allowed address now. */
export async function assertAllowed(policy: EgressPolicy, text: string): Promise<URL> {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !["http:", "https:"].includes(url.protocol)) {
    throw new EgressError("EINVAL", "This is not an http or https address.");
  }
  if (url.username || url.password)
    throw new EgressError("EINVAL", "Leave user and password out of the address.");
  await policy.resolve(url.hostname, Number(url.port || (url.protocol === "https:" ? 443 : 80)));
  return url;
}

export type OutboundRequest = {
  url: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  timeoutMs?: number;
  maxBytes?: number;
};

export type OutboundResponse = { status: number; headers: IncomingHttpHeaders; body: string };

const defaultTimeoutMs = 15_000;
const defaultMaxBytes = 1024 * 1024;

/**
 * One request to a URL that a user gave: policy, deadline and size bound apply, redirects are not followed.
 * Throws EgressError for a refused destination, Error for everything else.
 */
export async function requestOutbound(
  policy: EgressPolicy,
  request: OutboundRequest,
): Promise<OutboundResponse> {
  requireNetwork("A request to another server");
  // Names are looked up within the deadline, too: nothing is sent after it.
  const signal = AbortSignal.timeout(request.timeoutMs ?? defaultTimeoutMs);
  const url = await assertAllowed(policy, request.url);
  signal.throwIfAborted();
  const isSecure = url.protocol === "https:";
  const agent = guardedAgent(policy, isSecure);
  const { method = "GET", headers = {}, body } = request;
  const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const options = { method, headers: { ...headers, ...length }, agent, signal };
      const outgoing = (isSecure ? https() : http).request(url, options, resolve);
      outgoing.once("error", reject);
      outgoing.end(body);
    });
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      body: await readBody(response, request.maxBytes ?? defaultMaxBytes),
    };
  } finally {
    agent.destroy();
  }
}

async function readBody(response: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    const bytes: Buffer = chunk;
    size += bytes.length;
    if (size > maxBytes) throw new Error(`The answer is longer than ${maxBytes} bytes.`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString();
}
