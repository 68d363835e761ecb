import type { Sql } from "@/db/client";
import { asWork } from "@/db/deadline";
import { isConflict, isOutage } from "@/db/outage";
import { coalesce } from "@/lib/coalesce";
import { engineApi } from "./api";
import { callFunction, type Endpoint, fetchRegistration } from "./call";
import { type ClaimResult, claim } from "./claim";
import { readFunctions, withCeilings } from "./functions";
import { FunctionIndex, recordEvents } from "./ingest";
import { type EngineOptions, type Settings, withDefaults } from "./options";
import { OutdatedError } from "./outdated";
import { persist } from "./persist";
import { Presence } from "./presence";
import { completeEvent, type EngineEvent, type EventInput, type Op, ulid } from "./protocol";
import { sweep } from "./retention";
import type { Core } from "./runs";
import { applySchema } from "./schema";
import { type Held, Settler } from "./settle";
import type { Item } from "./state";
import { fireTimers, planCrons } from "./timers";

export type EngineStats = { calls: number; claims: number; lost: number };

/** An item that took this many processes down with it is the cause, not the victim. */
const maxLost = 5;
const gatherMs = 6;
const urlInProcess = "http://embedded.local/api/inngest";

/**
 * Drives unmodified Inngest functions from Postgres: claims their calls, makes them in process through the SDK's own
 * handler, and writes the answers. Any number of engines may share a database. At-least-once, like Inngest.
 */
export class EmbeddedEngine {
  readonly stats: EngineStats = { calls: 0, claims: 0, lost: 0 };
  /** Pass as the client's `fetch`. */
  readonly fetch: typeof fetch;
  readonly #o: Settings;
  readonly #endpoint: Endpoint;
  readonly #presence: Presence;
  readonly #newest: number;
  #core: Core;
  #settler: Settler;
  #owner = "";
  #claimCount = 0;
  #laneAfter = "";
  readonly #held = new Map<string, Held>();
  #calling = 0;
  #state: "new" | "running" | "stopping" | "stopped" = "new";
  #stopped: Promise<void> | undefined;
  #giveUpAt = Number.POSITIVE_INFINITY;
  readonly #pumps = coalesce(() => this.#pump());
  #beating = false;
  #firing = false;
  #sweeping = false;
  #registering: Promise<void> | null = null;
  #pollTimer: NodeJS.Timeout | undefined;
  #beatTimer: NodeJS.Timeout | undefined;
  #sweepTimer: NodeJS.Timeout | undefined;
  #notifyTimer: NodeJS.Timeout | undefined;
  #soonTimer: NodeJS.Timeout | undefined;

  constructor(options: EngineOptions) {
    this.#o = withDefaults(options);
    this.#endpoint = { handler: options.handler, url: urlInProcess, signingKey: options.signingKey };
    this.#newest = this.#o.migrations.at(-1)?.number ?? -1;
    this.#presence = new Presence(options.database, this.#o.schema, this.#o.leaseMs, this.#newest);
    this.#core = { schema: this.#o.schema, index: new FunctionIndex([]) };
    this.#settler = new Settler(options.database, this.#core, this.#o.backoffMs);
    this.fetch = engineApi({
      eventKey: options.eventKey,
      signingKey: options.signingKey,
      send: (events) => this.send(events),
      checkpoint: ({ id, gen, runId }, ops) => {
        const held = this.#held.get(`${id} ${gen}`);
        return held?.run.id === runId ? this.#checkpoint(held, ops) : Promise.resolve(false);
      },
    });
  }

  /**
   * Prepares the database, reads the functions, begins. Throws a sentence when a function wants what is not supported,
   * and an `OutdatedError` when the database is too new for this release.
   */
  async start(): Promise<this> {
    await applySchema(this.#o.database, this.#o.schema, { known: this.#o.migrations });
    this.#core = {
      schema: this.#o.schema,
      index: new FunctionIndex(
        withCeilings(readFunctions(await fetchRegistration(this.#endpoint)), this.#o.ceilings),
      ),
    };
    this.#settler = new Settler(this.#o.database, this.#core, this.#o.backoffMs);
    await planCrons(this.#o.database, this.#core);
    await this.register();
    await this.#presence.releaseLost(this.#owner);
    this.#state = "running";
    this.#beatTimer = setInterval(() => void this.#beat(), Math.min(2000, this.#o.leaseMs / 3));
    this.#sweepTimer = setInterval(() => void this.#forget(), this.#o.sweepMs);
    this.wake();
    return this;
  }

  /** Stops claiming, waits for the calls under way, gives back what is left. Called again, it may shorten the wait. */
  async stop(graceMs = 10_000): Promise<void> {
    if (this.#state === "new") return;
    this.#giveUpAt = Math.min(this.#giveUpAt, Date.now() + graceMs);
    this.#stopped ??= this.#drain();
    await this.#stopped;
  }

  async #drain(): Promise<void> {
    this.#state = "stopping";
    clearTimeout(this.#pollTimer);
    clearInterval(this.#sweepTimer);
    await this.#pumps.idle();
    let isBusyBeside = true;
    void this.#o.stopBeside().finally(() => {
      isBusyBeside = false;
    });
    while ((this.#held.size > 0 || isBusyBeside) && Date.now() < this.#giveUpAt)
      await new Promise((resolve) => setTimeout(resolve, 10));
    clearInterval(this.#beatTimer);
    clearTimeout(this.#notifyTimer);
    clearTimeout(this.#soonTimer);
    this.#state = "stopped";
    await this.#presence.leave(this.#owner);
  }

  /** The name under which it holds what it claims, also beside it (inngest/lane). */
  get owner(): string {
    return this.#owner;
  }

  /** Why it would do no work now, in words that anybody may read; null when it works. */
  get problem(): string | null {
    if (this.#state !== "running") return this.#state === "new" ? "is starting" : "is being stopped";
    return this.#presence.problem;
  }

  /** Takes events as the real server's event API does, in a transaction of its own. */
  async send(events: EventInput[]): Promise<void> {
    const complete = events.map((event) => completeEvent(event));
    await persist(() => this.#o.database.transaction((sql) => this.sendWithin(sql, complete)), 10_000);
    this.announce();
  }

  /** Takes events in the caller's transaction; call `announce()` once it is committed. */
  sendWithin(sql: Sql, events: EngineEvent[]): Promise<void> {
    return recordEvents(sql, this.#core.schema, this.#core.index, events);
  }

  /** Work was committed: look here, and tell the other engines. */
  announce(): void {
    this.wake();
    if (this.#presence.others === 0 || this.#notifyTimer || this.#state !== "running") return;
    this.#notifyTimer = setTimeout(() => {
      this.#notifyTimer = undefined;
      this.#o.database
        .query("select pg_notify('engine', $1)", [this.#o.schema])
        .catch((error: unknown) => this.#report(error, "notify"));
    }, 10);
  }

  /** Looks for work now. Cheap, and any number of calls make one look. */
  wake(): void {
    if (this.#state === "running") this.#pumps.ask();
  }

  /** A place is free. Places that become free together are filled with one claim. */
  #wakeSoon(): void {
    this.#soonTimer ??= setTimeout(() => {
      this.#soonTimer = undefined;
      this.wake();
    }, gatherMs);
  }

  async #pump(): Promise<void> {
    clearTimeout(this.#pollTimer);
    if (this.#state !== "running") return;
    let delay = this.#o.pollMs * (0.9 + Math.random() / 5);
    try {
      // Also without room: what is due in time must not wait for a free place.
      const room = Math.max(
        0,
        Math.min(this.#o.maxInFlight - this.#calling, this.#o.maxInFlight * 2 - this.#held.size),
      );
      const { items, more, next } = await this.#claim(room);
      for (const item of items) this.#begin(item);
      if (room > 0 && items.length === room) this.#announceBacklog();
      if (more) delay = Math.min(delay, 50);
      if (next !== null && next <= 0) this.#fire();
      else if (next !== null) delay = Math.min(delay, next);
    } catch (error) {
      this.#report(error, "claim");
    }
    if (this.#state === "running") this.#pollTimer = setTimeout(() => this.wake(), Math.max(2, delay));
  }

  async #claim(room: number): Promise<ClaimResult> {
    this.stats.claims++;
    const claimed = await asWork({ kind: "pulse" }, () =>
      claim(this.#o.database, this.#core, {
        owner: this.#owner,
        count: ++this.#claimCount,
        room,
        after: this.#laneAfter,
      }),
    );
    if (!claimed) {
      await this.register();
      this.wake();
      return { items: [], after: "", more: false, next: null };
    }
    this.#laneAfter = claimed.after;
    return claimed;
  }

  #begin(item: Item): void {
    const fn = this.#core.index.byId.get(item.run.fn);
    if (!fn) return;
    const held: Held = { ...item, fn, owner: this.#owner };
    this.#held.set(`${item.id} ${item.gen}`, held);
    this.#calling++;
    void this.#work(held)
      .catch((error: unknown) => this.#report(error, `run ${item.run.id}`))
      .finally(() => {
        this.#held.delete(`${item.id} ${item.gen}`);
        this.#wakeSoon();
      });
  }

  async #work(held: Held): Promise<void> {
    if (held.run.status !== "running" || held.lost >= maxLost) {
      this.#calling--;
      return persist(() =>
        this.#settler.fail(
          held,
          { name: "EngineLost", message: "The engine ended during every attempt." },
          true,
          null,
        ),
      );
    }
    const answer = await callFunction(this.#endpoint, held.fn, held);
    this.stats.calls++;
    this.#calling--;
    this.#wakeSoon();
    // Given back between two steps, or failed because everything around it is being stopped: no attempt that counts.
    if (this.#state === "stopping" && answer.kind === "error" && !answer.isFinal)
      return persist(() => this.#settler.giveBack(held));
    try {
      await persist(() => this.#settler.settle(held, answer));
    } catch (error) {
      // The answer itself cannot be stored; as a failed attempt it ends at the last one.
      this.#report(error, `answer of run ${held.run.id}`);
      const message = error instanceof Error ? error.message : String(error);
      await persist(() =>
        this.#settler.fail(
          held,
          { name: "Error", message: `The answer could not be stored: ${message}` },
          false,
          null,
        ),
      );
    }
  }

  async #checkpoint(held: Held, ops: Op[]): Promise<boolean> {
    try {
      return await persist(() => this.#settler.checkpoint(held, ops), 30_000);
    } catch (error) {
      // The SDK tries a few times more, then brings the steps back in its answer.
      this.#report(error, `checkpoint of run ${held.run.id}`);
      throw error;
    }
  }

  #fire(): void {
    if (this.#firing) return;
    this.#firing = true;
    void fireTimers(this.#o.database, this.#core, (error, where) => this.#report(error, where))
      .catch((error: unknown) => this.#report(error, "timers"))
      .then((fired) => {
        this.#firing = false;
        if (fired) this.wake();
      });
  }

  /** Begins anew under a new name: what was claimed under the old one is no longer ours. */
  register(): Promise<void> {
    this.#registering ??= (async () => {
      const owner = ulid();
      await this.#presence.register(owner);
      this.#owner = owner;
    })().finally(() => {
      this.#registering = null;
    });
    return this.#registering;
  }

  async #beat(): Promise<void> {
    // Where the database is silent, each takes longer than the pause between two.
    if (this.#beating) return;
    this.#beating = true;
    try {
      const { isKnown, breaking } = await this.#presence.beat(this.#owner, {
        inFlight: this.#held.size,
        calls: this.stats.calls,
      });
      if (breaking && this.#state === "running")
        return this.#retire(new OutdatedError(breaking, this.#newest));
      if (!isKnown && this.#state === "running") await this.register();
      const freed = await this.#presence.releaseLost(this.#owner);
      this.stats.lost += freed;
      if (freed > 0) this.announce();
    } catch (error) {
      if (error instanceof OutdatedError && this.#state === "running") this.#retire(error);
      else this.#report(error, "heartbeat");
    } finally {
      this.#beating = false;
    }
  }

  /** The schema is about to become another than this release knows: ends what is under way and leaves. */
  #retire(reason: OutdatedError): void {
    this.stop(this.#o.outdatedGraceMs).catch((error: unknown) => this.#report(error, "stop"));
    this.#o.onOutdated(reason.message);
  }

  async #forget(): Promise<void> {
    if (this.#sweeping) return;
    this.#sweeping = true;
    await sweep(this.#o.database, this.#o.schema, this.#o.retention).catch((error: unknown) =>
      this.#report(error, "retention"),
    );
    this.#sweeping = false;
  }

  /** This engine is full: what remains ready is for the others. */
  #announceBacklog(): void {
    if (this.#presence.others > 0) this.announce();
  }

  #report(error: unknown, where: string): void {
    if (this.#state === "stopped" && (isOutage(error) || isConflict(error))) return;
    this.#o.onError(error, where);
  }
}
