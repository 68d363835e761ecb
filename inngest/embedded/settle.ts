import type { Database } from "@/db/client";
import { Batcher } from "@/lib/batcher";
import { sqlJson } from "@/lib/sql-json";
import type { EngineFunction } from "./functions";
import type { Answer, Op } from "./protocol";
import { type StepWrite, stepWrite } from "./run-edit";
import { type Claim, type Core, editRun } from "./runs";
import type { Item } from "./state";
import { retryAfterMs } from "./time";

export type Held = Item & { owner: string; fn: EngineFunction };
type Completion = { id: string; gen: number; run: string; owner: string; output: unknown; stack: string[] };
type Saved = {
  id: string;
  gen: number;
  run: string;
  owner: string;
  steps: StepWrite[];
};

/** Writes what came of a call. Every way in is fenced: what a zombie brings is dropped. */
export class Settler {
  readonly #completions: Batcher<Completion, boolean>;
  readonly #checkpoints: Batcher<Saved, boolean>;
  readonly #database: Database;
  readonly #core: Core;
  readonly #backoffMs: (attempt: number) => number;

  constructor(database: Database, core: Core, backoffMs: (attempt: number) => number) {
    this.#database = database;
    this.#core = core;
    this.#backoffMs = backoffMs;
    this.#completions = new Batcher((group) => this.#flush("complete", group));
    this.#checkpoints = new Batcher((group) => this.#flush("checkpoint", group));
  }

  /** Saves steps in the middle of a call. False: the call is stale and must stop. */
  checkpoint(held: Held, ops: Op[]): Promise<boolean> {
    const steps = ops
      .filter((op) => op.op === "StepRun")
      .map((op) => stepWrite(op, { data: op.data ?? null }));
    return this.#checkpoints.add({ id: held.id, gen: held.gen, run: held.run.id, owner: held.owner, steps });
  }

  async settle(held: Held, answer: Answer): Promise<void> {
    if (answer.kind === "error") {
      return this.fail(held, answer.error, answer.isFinal, answer.retryAfter);
    }
    const { ops } = answer;
    const last = ops.at(-1);
    // Nobody waits for this run's end, so many can be ended in one statement.
    if (
      last?.op === "RunComplete" &&
      !this.#core.index.listensTo("inngest/function.finished") &&
      ops.slice(0, -1).every((op) => op.op === "StepRun")
    ) {
      const stack = ops.slice(0, -1).map((op) => op.id);
      const { id, gen, owner } = held;
      await this.#completions.add({ id, gen, run: held.run.id, owner, output: last.data ?? null, stack });
      return;
    }
    if (
      ops.some((op) => op.op === "StepError") &&
      !answer.isFinal &&
      held.attempt + 1 < held.fn.maxAttempts
    ) {
      return this.#retryStep(held, ops, answer.retryAfter);
    }
    await this.#edit(held, (edit) => edit.apply(ops, answer.version));
  }

  /** The same attempt, at once, by whoever else claims it. */
  async giveBack({ id, gen, owner, attempt }: Held): Promise<void> {
    await this.#ask(this.#database, { id, gen, owner }, attempt, 0);
  }

  /** A call that failed as a whole: again later, or the run has failed. */
  async fail(
    held: Held,
    error: Record<string, unknown>,
    isFinal: boolean,
    retryAfter: string | null,
  ): Promise<void> {
    if (!isFinal && held.attempt + 1 < held.fn.maxAttempts) {
      await this.#retry(this.#database, held, retryAfter);
      return;
    }
    await this.#edit(held, (edit) => edit.finish({ status: "failed", output: null, error }));
  }

  async #edit(held: Held, change: Parameters<typeof editRun>[4]): Promise<void> {
    await this.#database.transaction((sql) => editRun(sql, this.#core, held.run.id, claimOf(held), change));
  }

  async #retryStep(held: Held, ops: Op[], retryAfter: string | null): Promise<void> {
    await this.#database.transaction(async (sql) => {
      if (ops.some((op) => op.op === "StepRun")) {
        await editRun(sql, this.#core, held.run.id, { ...claimOf(held), keep: true }, (edit) =>
          edit.keepFinished(ops),
        );
      }
      await this.#retry(sql, held, retryAfter);
    });
  }

  async #retry(sql: Pick<Database, "query">, held: Held, retryAfter: string | null): Promise<void> {
    const delay = retryAfter ? retryAfterMs(retryAfter) : this.#backoffMs(held.attempt);
    await this.#ask(sql, claimOf(held), held.attempt + 1, delay);
  }

  async #ask(sql: Pick<Database, "query">, claim: Claim, attempt: number, delayMs: number): Promise<void> {
    await sql.query(
      `select ${this.#core.schema}.retry($1, $2, $3, $4, $5)`,
      [claim.id, claim.gen, claim.owner, attempt, delayMs],
      `${this.#core.schema}.retry`,
    );
  }

  async #flush(verb: "complete" | "checkpoint", group: (Completion | Saved)[]): Promise<boolean[]> {
    const accepted = new Set<string>();
    for (const owner of new Set(group.map((one) => one.owner))) {
      const mine = group.filter((one) => one.owner === owner);
      const rows = await this.#database.query<{ id: string }>(
        `select ${verb} as id from ${this.#core.schema}.${verb}($1, $2)`,
        [owner, sqlJson(mine)],
        `${this.#core.schema}.${verb}`,
      );
      for (const row of rows) accepted.add(`${owner} ${row.id}`);
    }
    return group.map((one) => accepted.has(`${one.owner} ${one.id}`));
  }
}

const claimOf = ({ id, gen, owner }: Held): Claim => ({ id, gen, owner });
