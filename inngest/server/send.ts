import type { OutboxEvent } from "@/inngest/outbox";
import { log } from "@/lib/log";
import { internalIdOf } from "./event-id";

/** The SDK's `send`; answers the ids that Inngest gave the events. */
type Send = (event: OutboxEvent) => Promise<{ ids: string[] }>;
/** Begins the run without an event; false when it is to be sent all the same. */
type Begin = (event: OutboxEvent) => Promise<boolean>;

export const atOnce = 16;

/** Sends events so that Inngest can be asked about them later. */
export class EventSender {
  /** Inngest named an event otherwise than its sender asked: then what it says of one that it does not find is no proof. */
  hasOwnNames = false;
  readonly #send: Send;
  readonly #begin: Begin;

  constructor(send: Send, begin: Begin = async () => false) {
    this.#send = send;
    this.#begin = begin;
  }

  /**
   * Sends each event by itself, because only so it has a name of its own (event-id.ts), some at once; those that `begin`,
   * named by their ids, need not wait for Inngest to look. Throws when one could not be sent; the others may have been, and
   * sending them again is harmless.
   */
  async sendEach(events: OutboxEvent[], begin: ReadonlySet<string> = new Set()): Promise<void> {
    const waiting = events.values();
    const line = async () => {
      for (const event of waiting)
        if (!begin.has(event.id) || !(await this.#begin(event))) this.#check(event, await this.#send(event));
    };
    await Promise.all(Array.from({ length: Math.min(atOnce, events.length) }, line));
  }

  #check({ id }: OutboxEvent, { ids }: { ids: string[] }): void {
    const name = internalIdOf(id);
    if (name === null || ids[0] === name || this.hasOwnNames) return;
    this.hasOwnNames = true;
    log.warn("Inngest names events itself, so that runs which it forgets are not noticed: update it");
  }
}
