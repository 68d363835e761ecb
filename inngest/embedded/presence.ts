import fs from "node:fs";
import os from "node:os";
import type { Database, Row, Sql } from "@/db/client";
import { asWork } from "@/db/deadline";
import { newestMigration } from "./migrations/newest";
import { OutdatedError } from "./outdated";

/**
 * Who runs engines on this database, and which of them are gone. On one machine the operating system knows at once that a
 * process has ended. One that lives and is silent, there or elsewhere, is lost when its lease is over: frozen or cut off,
 * it does nothing for anybody, and what it brings afterwards is refused.
 */

const read = (file: string): string => {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return "";
  }
};

const namespace = () => {
  try {
    return fs.readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
};

const thisMachine = `${os.hostname()} ${read("/proc/sys/kernel/random/boot_id").trim()} ${namespace()}`;

/** State and start time of a process, where the system tells: a pid can be used again. */
function processStart(pid: number): { dead: boolean; started: string } {
  const stat = read(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { dead: stat === "" || fields[0] === "Z" || fields[0] === "X", started: fields[19] ?? "" };
}

function isAlive(pid: number, started: string): boolean {
  if (started) {
    const now = processStart(pid);
    return !now.dead && now.started === started;
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

type EngineRow = { id: string; machine: string; pid: number; pid_started: string; silent_ms: number };

export type Beat = { inFlight: number; calls: number };

/** `isKnown` false: somebody declared this engine lost. `breaking`: a migration that it must not meet. */
type BeatAnswer = { isKnown: boolean; breaking: string | null };

export class Presence {
  /** Others running on this database, as of the last look. */
  others = 0;
  readonly #database: Database;
  readonly #schema: string;
  readonly #leaseMs: number;
  readonly #newest: number;
  #steadySince = Date.now();
  /** By `performance.now()`: when the database last knew that this one lives. */
  #knownAt: number | null = null;

  constructor(database: Database, schema: string, leaseMs: number, newest = newestMigration) {
    this.#database = database;
    this.#schema = schema;
    this.#leaseMs = leaseMs;
    this.#newest = newest;
  }

  /** Why nobody knows that this one works; null while its place is taken and its lease runs. */
  get problem(): string | null {
    if (this.#knownAt === null) return "is not registered";
    const silentMs = performance.now() - this.#knownAt;
    return silentMs < this.#leaseMs ? null : "the database has not heard of it for longer than its lease";
  }

  /** Names an engine. Throws an `OutdatedError` when the schema has become too new for it meanwhile. */
  async register(id: string): Promise<void> {
    const [row] = await this.#database.query<{ breaking: string | null }>(
      `insert into ${this.#schema}.engine (id, machine, pid, pid_started, newest_known) values ($1, $2, $3, $4, $5)
        returning ${this.#schema}.breaking_above($5) as breaking`,
      [id, thisMachine, process.pid, processStart(process.pid).started, this.#newest],
    );
    if (!row?.breaking) {
      this.#knownAt = performance.now();
      return;
    }
    await this.leave(id);
    throw new OutdatedError(row.breaking, this.#newest);
  }

  /** Renews the lease, and looks whether the schema is still one that this release knows. */
  async beat(id: string, { inFlight, calls }: Beat): Promise<BeatAnswer> {
    try {
      const [row] = await this.#ask<{ breaking: string | null }>(
        `update ${this.#schema}.engine e set beat_at = now(), in_flight = $2, calls = $3, is_outdated = b.name is not null
          from (select ${this.#schema}.breaking_above($4) as name) b where e.id = $1 returning b.name as breaking`,
        [id, inFlight, calls, this.#newest],
        `${this.#schema}.beat`,
      );
      if (row) this.#knownAt = performance.now();
      return { isKnown: row !== undefined, breaking: row?.breaking ?? null };
    } catch (error) {
      // After an outage of the database everybody is late: nobody is declared lost for a lease's time.
      this.#steadySince = Date.now();
      throw error;
    }
  }

  /** Frees what lost engines held; returns how many items. */
  async releaseLost(self: string): Promise<number> {
    const rows = await this.#ask<EngineRow>(
      `select id, machine, pid, pid_started, (extract(epoch from now() - beat_at) * 1000)::float8 as silent_ms from ${this.#schema}.engine where id <> $1`,
      [self],
      `${this.#schema}.others`,
    );
    const lost = rows.filter((row) => this.#isLost(row)).map((row) => row.id);
    this.others = rows.length - lost.length;
    return lost.length > 0 ? this.#release(this.#database, lost, 1) : 0;
  }

  /** Gives back what one engine holds, as it stops: not counted against the items. */
  leave(id: string): Promise<number> {
    return this.#release(this.#database, [id], 0);
  }

  #ask<T extends Row>(text: string, values: unknown[], name: string): Promise<T[]> {
    return asWork({ kind: "pulse" }, () => this.#database.query<T>(text, values, name));
  }

  #isLost(row: EngineRow): boolean {
    const isHere = row.machine === thisMachine;
    if (isHere && row.pid !== process.pid && !isAlive(row.pid, row.pid_started)) return true;
    return row.silent_ms > this.#leaseMs && Date.now() - this.#steadySince > this.#leaseMs;
  }

  async #release(sql: Sql, engines: string[], lost: 0 | 1): Promise<number> {
    const [row] = await sql.query<{ n: number }>(`select ${this.#schema}.release($1, $2) as n`, [
      engines,
      lost,
    ]);
    return row?.n ?? 0;
  }
}
