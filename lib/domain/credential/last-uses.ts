import type { Sql } from "@/db/client";
import { log } from "@/lib/log";
import { sqlJson } from "@/lib/sql-json";

export type Use = { projectId: string; projectCredentialId: string; keychainId: string | null };

/** How long a use is kept here before it is written, so that pages are as late. */
const writeAfterMs = 60_000;

/**
 * Notes which credentials and keychains runs have used, and writes it down once a minute, all in one statement a table:
 * no run waits for it, and none that has a credential costs more. Whoever is killed has forgotten its last minute.
 */
export class LastUses {
  readonly #credentials = new Map<string, Noted>();
  readonly #keychains = new Map<string, Noted>();
  readonly #sql: Sql;
  #timer: NodeJS.Timeout | undefined;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  note({ projectId, projectCredentialId, keychainId }: Use): void {
    const at = new Date().toISOString();
    this.#credentials.set(projectCredentialId, { projectId, at });
    if (keychainId) this.#keychains.set(keychainId, { projectId, at });
    this.#timer ??= setTimeout(() => void this.write(), writeAfterMs).unref();
  }

  /** Writes what was noted. Never throws: what could not be written is noted still. */
  async write(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#writeTo("project_credentials", this.#credentials);
    await this.#writeTo("keychain_credentials", this.#keychains);
  }

  async #writeTo(table: "project_credentials" | "keychain_credentials", noted: Map<string, Noted>) {
    const batch = [...noted];
    noted.clear();
    if (batch.length === 0) return;
    const uses = batch.map(([id, use]) => ({ id, ...use }));
    try {
      await this.#sql.query(
        // Rows that somebody holds are passed over: whoever changes or deletes one is not waited for.
        `update ${table} t set last_used_at = greatest(t.last_used_at, used.at)
         from jsonb_to_recordset($1::jsonb) as used(id uuid, "projectId" uuid, at timestamptz)
         where t.id = used.id and t.project_id = used."projectId" and t.id in (
           select id from ${table} where id in (select (one->>'id')::uuid from jsonb_array_elements($1::jsonb) one)
           order by id for no key update skip locked)`,
        [sqlJson(uses)],
      );
    } catch (error) {
      for (const [id, use] of batch) if (!noted.has(id)) noted.set(id, use);
      this.#timer ??= setTimeout(() => void this.write(), writeAfterMs).unref();
      log.warn("When credentials were last used could not be written down", { error });
    }
  }
}

type Noted = { projectId: string; at: string };
