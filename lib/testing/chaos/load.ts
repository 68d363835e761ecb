import { randomUUID } from "node:crypto";
import { z } from "zod";
import { type Dice, dice, pick } from "@/lib/testing/dice";
import type { Way, Workload } from "./workload";

/** A message that was answered with 2xx: it is ours to account for. */
export type Accepted = { n: number; messageId: string; projectId: string; atMs: number };

/** What senders and people were told. */
export type Told = {
  sent: number;
  accepted: Accepted[];
  /** Answered with 4xx: nothing may have been stored. */
  refused: number[];
  /** No answer came, or that it did not work: both is right. */
  unanswered: number[];
  /** Ids of one delivery that were not the same. */
  contradictions: string[];
  /** Runs that a person was told of. */
  reruns: string[];
  /** Runs that a person was told are, or will be, cancelled. */
  cancels: string[];
  slowestMs: number;
};

const lanes = 3;
const answerWithinMs = 20_000;
const tries = 6;
/** The same job and message start at most once in ten seconds. */
const rerunAfterMs = 20_000;

const runList = z.looseObject({ items: z.array(z.looseObject({ id: z.string() })) });
const started = z.looseObject({ runIds: z.array(z.string()) });

/** Sends, reruns and cancels until it is stopped. */
export class Load {
  readonly told: Told = {
    sent: 0,
    accepted: [],
    refused: [],
    unanswered: [],
    contradictions: [],
    reruns: [],
    cancels: [],
    slowestMs: 0,
  };
  #isStopped = false;
  readonly #running: Promise<unknown>[];
  readonly #pauses = new Set<() => void>();

  constructor(
    readonly url: string,
    readonly workload: Workload,
    seed: number,
  ) {
    const senders = Array.from({ length: lanes }, (_, lane) => this.#lane(dice(seed + lane + 1)));
    this.#running = [...senders, this.#person(dice(seed + lanes + 1))];
  }

  /** Resolves when nobody waits for an answer any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const wake of this.#pauses) wake();
    await Promise.all(this.#running);
  }

  async #lane(roll: Dice): Promise<void> {
    while (!this.#isStopped) {
      await this.#deliver(this.told.sent++, pick(roll, this.workload.ways), roll(2) === 0);
      await this.#pause(150 + roll(500));
    }
  }

  async #deliver(n: number, way: Way, isNamed: boolean): Promise<void> {
    const name = randomUUID();
    let first: string | null = null;
    // Now and then a sender repeats what was answered, because the answer was lost on its side.
    const repeats = isNamed && n % 10 === 0 ? 2 : 1;
    for (let at = 0; at < (isNamed ? tries : 1); at++) {
      const answer = await this.#post(n, way, isNamed ? name : null);
      if (answer === "refused" && !isNamed) return void this.told.refused.push(n);
      if (typeof answer === "object") {
        if (first && first !== answer.id) this.told.contradictions.push(`${n}: ${first}, ${answer.id}`);
        if (!first)
          this.told.accepted.push({
            n,
            messageId: answer.id,
            projectId: way.projectId,
            atMs: performance.now(),
          });
        first ??= answer.id;
        if (at + 1 >= repeats) return;
      } else await this.#pause(1_000);
      if (this.#isStopped) break;
    }
    if (!first) this.told.unanswered.push(n);
  }

  async #post(n: number, way: Way, name: string | null): Promise<{ id: string } | "refused" | "nothing"> {
    const begin = performance.now();
    try {
      const response = await fetch(this.url + way.path, {
        method: "POST",
        headers: { "content-type": "application/json", ...(name ? { "idempotency-key": name } : {}) },
        body: JSON.stringify({ n }),
        signal: AbortSignal.timeout(answerWithinMs),
      });
      await response.arrayBuffer();
      this.told.slowestMs = Math.max(this.told.slowestMs, performance.now() - begin);
      const id = response.headers.get("x-meta-message-id");
      if (response.ok && id) return { id };
      // What failed on our side may have been stored all the same.
      return response.status < 500 ? "refused" : "nothing";
    } catch {
      return "nothing";
    }
  }

  /** Somebody who reruns messages and cancels runs, now and then. */
  async #person(roll: Dice): Promise<void> {
    while (!this.#isStopped) {
      await this.#pause(1_500 + roll(2_500));
      if (this.#isStopped) return;
      await (roll(2) === 0 ? this.#rerun(roll) : this.#cancel(roll)).catch(() => {});
    }
  }

  async #rerun(roll: Dice): Promise<void> {
    const old = this.told.accepted.filter((one) => one.atMs < performance.now() - rerunAfterMs);
    if (old.length === 0) return;
    const message = pick(roll, old);
    const path = `/api/projects/${message.projectId}/messages/${message.messageId}/rerun`;
    const { runIds } = started.parse(await this.#ask("POST", path, {}));
    this.told.reruns.push(...runIds);
  }

  async #cancel(roll: Dice): Promise<void> {
    const project = `/api/projects/${pick(roll, this.workload.projectIds)}`;
    const { items } = runList.parse(await this.#ask("GET", `${project}/runs?state=running`));
    if (items.length === 0) return;
    const { id } = pick(roll, items);
    await this.#ask("POST", `${project}/runs/${id}/cancel`, {});
    this.told.cancels.push(id);
  }

  /** Throws when the answer is not 2xx. */
  async #ask(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(this.url + path, {
      method,
      headers: { authorization: `Bearer ${this.workload.token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(answerWithinMs),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return response.json();
  }

  #pause(ms: number): Promise<void> {
    if (this.#isStopped) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#pauses.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#pauses.add(done);
    });
  }
}
