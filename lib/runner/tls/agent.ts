import type { Agent, AgentOptions, ClientRequestArgs } from "node:http";
import { isIP } from "node:net";
import type { TLSSocket } from "node:tls";
import { http, tls } from "@/lib/net/builtins";
import { isTls, type RunnerAddress } from "@/lib/runner/address";
import type { KeyPair } from "./certificate";
import { asFingerprint, fingerprintOf } from "./fingerprint";

/** How a caller knows the runner at the other end, and what it shows of itself. Without any of it, the system's authorities decide. */
export type Trust = {
  /** SHA-256, one of which the runner's certificate has. Then nobody needs to have signed it. */
  fingerprints?: readonly string[];
  /** PEM: who must have signed the runner's certificate, for the host that is called. With fingerprints, both must hold. */
  authorities?: string;
  /** What the caller shows when it is asked. */
  own?: KeyPair;
};

/** The other end is not who it should be: nothing was sent to it. */
export class UntrustedError extends Error {
  constructor(where: string, why: string, options?: ErrorOptions) {
    super(`The certificate of the job runner at ${where} is not trusted: ${why}.`, options);
    this.name = "UntrustedError";
  }
}

type Target = { host: string; port: number };
type Connected = NonNullable<Parameters<Agent["createConnection"]>[1]>;

const keepAliveMs = 10_000;
/** What our own ends speak. */
export const minVersion = "TLSv1.3";

/**
 * Connections over TLS to one runner, for Node's http. One is handed over only when its other end has proved who it is,
 * so that no byte of a request, its token least of all, leaves before.
 */
export class TlsAgent extends http.Agent {
  constructor(
    readonly trust: Trust,
    /** Until a connection stands and is checked, milliseconds. */
    readonly connectMs: number,
    options: AgentOptions = {},
  ) {
    super(options);
  }

  override createConnection(options: ClientRequestArgs, connected: Connected = () => undefined): undefined {
    const target = { host: options.host ?? "localhost", port: Number(options.port) };
    connectTls(target, this.trust, this.connectMs, connected);
  }
}

/** Connections to one runner, for Node's http. */
export const agentFor = (
  address: RunnerAddress,
  trust: Trust,
  connectMs: number,
  options: AgentOptions = {},
): Agent => (isTls(address) ? new TlsAgent(trust, connectMs, options) : new http.Agent(options));

function connectTls(target: Target, trust: Trust, connectMs: number, connected: Connected): void {
  const { host, port } = target;
  const { fingerprints = [], authorities, own } = trust;
  const socket = tls().connect({
    host,
    port,
    minVersion,
    rejectUnauthorized: authorities !== undefined || fingerprints.length === 0,
    ...(isIP(host) ? {} : { servername: host }),
    ...(authorities === undefined ? {} : { ca: authorities }),
    ...own,
  });
  const timer = setTimeout(
    () => socket.destroy(new Error(`no secure connection within ${connectMs} ms`)),
    connectMs,
  );
  const fail = (error: Error) => {
    clearTimeout(timer);
    socket.destroy();
    connected(socket.authorizationError ? untrusted(target, error) : error, socket);
  };
  socket.on("error", fail);
  socket.once("secureConnect", () => {
    clearTimeout(timer);
    const problem = unpinned(target, socket, fingerprints);
    if (problem) return void socket.destroy(problem);
    socket.off("error", fail);
    socket.setKeepAlive(true, keepAliveMs);
    connected(null, socket);
  });
}

const placeOf = ({ host, port }: Target): string => `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;

const untrusted = (target: Target, error: Error): UntrustedError =>
  new UntrustedError(placeOf(target), error.message, { cause: error });

/** What speaks against the certificate that was shown, when some are pinned. */
function unpinned(target: Target, socket: TLSSocket, fingerprints: readonly string[]): UntrustedError | null {
  if (fingerprints.length === 0) return null;
  const shown = socket.getPeerX509Certificate();
  const print = shown && fingerprintOf(shown.raw);
  if (print && fingerprints.some((one) => asFingerprint(one) === print)) return null;
  return new UntrustedError(
    placeOf(target),
    `its fingerprint is ${print ?? "missing"}, not the one that is expected. Somebody may stand in between, or the runner has a new certificate`,
  );
}
