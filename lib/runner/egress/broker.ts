import type { Buffer } from "node:buffer";
import { errorCode } from "@/lib/error-code";
import { LruMap } from "@/lib/lru-map";
import { EgressError, type EgressPolicy, shownHost } from "@/lib/net/egress-policy";
import type { Connection, Reached } from "@/lib/runner/contract";
import { ProtocolError } from "@/lib/runner/protocol/frames";
import type { NameRecord, NetEvent, NetRequest } from "@/lib/runner/protocol/messages";
import { BrokeredConnection } from "./connection";
import { Door } from "./door";

const maxOpensPerSecond = 200;
const maxFramesPerSecond = 20_000;
const maxLoggedConnections = 500;
const maxKnownAddresses = 1_000;
const maxRecords = 100;

export type BrokerOptions = {
  policy: EgressPolicy;
  /** For a job that may use its project's collections. */
  door?: Door | null;
  /** Nothing may leave: every connection is refused. */
  isDryRun: boolean;
  maxConnections: number;
  maxNetworkBytes: number;
  /** Notes a host before the first byte for it leaves; null when none must. What leaves is counted on the answer. */
  reach(host: string, port: number): Reached | null;
  event(event: NetEvent): void;
  data(id: number, bytes: Uint8Array): void;
  /** The step has moved more bytes than it may; the owner ends it. */
  onTooManyBytes(): void;
};

/** The network of one step: every connection its worker asks for, checked, relayed, counted and logged. */
export class Broker {
  readonly #options: BrokerOptions;
  readonly #open = new Map<number, BrokeredConnection>();
  readonly #log: Connection[] = [];
  /** Of each address that this step was told, the name it asked for. */
  readonly #nameOf = new LruMap<string, string>(maxKnownAddresses);
  #bytes = 0;
  #isClosed = false;
  #second = 0;
  #opensThisSecond = 0;
  #framesThisSecond = 0;

  constructor(options: BrokerOptions) {
    this.#options = options;
  }

  /** Whether the step has a connection, and so may wait for what its other end says. */
  get isConnected(): boolean {
    return this.#open.size > 0;
  }

  /** Acts on a request of the worker. Throws ProtocolError for what no honest worker sends. */
  request(message: NetRequest): void {
    if (this.#isClosed) return;
    this.#countFrame();
    if (message.kind === "open") {
      if (this.#open.has(message.id)) throw new ProtocolError("a connection id is used twice");
      void this.#connect(message.id, message.host, message.port);
    } else if (message.kind === "names") void this.#names(message.id, message.host, message.record);
    else {
      const connection = this.#open.get(message.id);
      if (message.kind === "credit") connection?.credit(message.bytes);
      else if (message.kind === "end") connection?.end();
      else connection?.close(false);
    }
  }

  /** Bytes of the worker for a connection. Late ones, for a connection that has gone, are dropped. */
  fromWorker(id: number, bytes: Buffer): void {
    this.#countFrame();
    const connection = this.#open.get(id);
    if (connection && !connection.fromWorker(bytes)) throw new ProtocolError("more bytes than were granted");
  }

  /** Ends every connection and answers the log of the step. */
  close(): Connection[] {
    for (const connection of [...this.#open.values()]) connection.close(false);
    this.#isClosed = true;
    return this.#log;
  }

  async #connect(id: number, host: string, port: number): Promise<void> {
    const connection = new BrokeredConnection(id, host, port, {
      event: (event) => this.#options.event(event),
      data: (connectionId, bytes) => this.#options.data(connectionId, bytes),
      count: (bytes) => this.#count(bytes),
      reach: () => this.#options.reach(host, port),
      closed: (connectionId) => this.#open.delete(connectionId),
    });
    if (this.#log.length < maxLoggedConnections) this.#log.push(connection.record);
    try {
      if (this.#options.isDryRun)
        throw new EgressError("EACCES", `connect EACCES ${shownHost(host)}:${port}: this is a dry run`);
      this.#assertRoom(host);
      this.#open.set(id, connection);
      const { door } = this.#options;
      if (door && Door.isAt(host, port)) return connection.join(door.connect());
      connection.connect(await this.#options.policy.resolve(host, port, this.#nameOf.get(host)));
    } catch (error) {
      const known = error instanceof EgressError ? error : new EgressError("EACCES", "connect EACCES");
      connection.refuse(known.code, known.message);
    }
  }

  #assertRoom(host: string): void {
    if (this.#open.size >= this.#options.maxConnections) {
      throw new EgressError(
        "EMFILE",
        `connect EMFILE ${shownHost(host)}: a step may hold ${this.#options.maxConnections} connections`,
      );
    }
    this.#countOpen();
  }

  /** Reading frames costs the runner time, whatever is in them. */
  #countFrame(): void {
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#opensThisSecond = 0;
      this.#framesThisSecond = 0;
    }
    this.#framesThisSecond += 1;
    if (this.#framesThisSecond > maxFramesPerSecond)
      throw new ProtocolError("too many network frames a second");
  }

  #countOpen(): void {
    this.#opensThisSecond += 1;
    if (this.#opensThisSecond > maxOpensPerSecond) {
      throw new EgressError(
        "EMFILE",
        `connect EMFILE: a step may open ${maxOpensPerSecond} connections a second`,
      );
    }
  }

  #count(bytes: number): boolean {
    this.#bytes += bytes;
    if (this.#bytes <= this.#options.maxNetworkBytes) return true;
    this.#options.onTooManyBytes();
    return false;
  }

  /** Host addresses come through the policy, so that names tell a job nothing about private networks. */
  async #names(id: number, host: string, record: NameRecord): Promise<void> {
    try {
      if (this.#options.isDryRun)
        throw new EgressError("EACCES", `getaddrinfo EACCES ${shownHost(host)}: this is a dry run`);
      this.#countOpen();
      const answer = await this.#lookUp(host, record);
      if (!this.#isClosed) this.#options.event({ kind: "names", id, answer });
    } catch (error) {
      const code = errorCode(error) || "ENOTFOUND";
      const message = error instanceof Error ? error.message : `getaddrinfo ENOTFOUND ${host}`;
      if (!this.#isClosed) this.#options.event({ kind: "namesError", id, code, message });
    }
  }

  async #lookUp(host: string, record: NameRecord): Promise<unknown[]> {
    if (record === "A" || record === "AAAA") return this.#addressesOf(host);
    return (await this.#options.policy.records(host, record)).slice(0, maxRecords);
  }

  /** Drivers that look a name up themselves connect to its address then: lists of names must know it. */
  async #addressesOf(name: string): Promise<string[]> {
    const addresses = await this.#options.policy.lookUp(name);
    for (const address of addresses) this.#nameOf.set(address, name);
    return addresses;
  }
}
