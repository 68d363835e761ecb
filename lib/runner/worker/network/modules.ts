import { builtin, coded, type Module, once } from "@/lib/runner/worker/builtin";
import { dnsModule } from "./dns";
import { BrokeredSocket, connect } from "./socket";
import { connectSecure } from "./tls";

const withDefault = (module: Module): Module => Object.assign(module, { default: module });

const refuseListening = (): never => {
  throw coded("EACCES", "Listening is not available in a job");
};

const net = once(() =>
  withDefault({
    ...builtin("net"),
    connect,
    createConnection: connect,
    Socket: BrokeredSocket,
    Stream: BrokeredSocket,
    createServer: refuseListening,
  }),
);

const tls = once(() =>
  withDefault({ ...builtin("tls"), connect: connectSecure, createServer: refuseListening }),
);

type Connect = (options: object, listener?: () => void) => unknown;
type AgentLike = { createConnection(options: object, listener?: () => void): unknown };
type HttpModule = {
  Agent: new (...given: unknown[]) => AgentLike;
  request(...given: unknown[]): unknown;
  get(...given: unknown[]): unknown;
};

const isOptions = (value: unknown): value is { agent?: unknown } =>
  typeof value === "object" && value !== null && !(value instanceof URL);

/** `http` or `https` whose every agent, the caller's own too, gets its sockets from the broker. */
function brokeredHttp(original: HttpModule, open: Connect): Module {
  class Agent extends original.Agent {
    override createConnection(options: object, listener?: () => void): unknown {
      return open(options, listener);
    }
  }
  const globalAgent = new Agent({ keepAlive: false });
  const withAgent = (given: unknown[]): unknown[] => {
    const all = [...given];
    const index = all.findIndex(isOptions);
    const options = all[index];
    if (!isOptions(options)) all.splice(1, 0, { agent: globalAgent });
    else if (!options.agent) all[index] = { ...options, agent: globalAgent };
    else (options.agent as AgentLike).createConnection = Agent.prototype.createConnection;
    return all;
  };
  return withDefault({
    ...original,
    Agent,
    globalAgent,
    request: (...given: unknown[]) => original.request(...withAgent(given)),
    get: (...given: unknown[]) => original.get(...withAgent(given)),
  });
}

const http = once(() => brokeredHttp(builtin<HttpModule>("http"), connect));
const https = once(() => brokeredHttp(builtin<HttpModule>("https"), connectSecure));

/** The network modules as adaptors see them. */
export const networkModules: Record<string, () => Module> = {
  net,
  tls,
  http,
  https,
  dns: dnsModule,
  "dns/promises": () => dnsModule().promises as Module,
};
