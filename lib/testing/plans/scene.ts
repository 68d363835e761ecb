import type pg from "pg";
import type { Db } from "@/db/client";
import { sealBody } from "@/lib/domain/credential/body";
import type { Scene } from "./cases";
import { kinds, middle, person, tenants, type Volume } from "./fill";

const minuteMs = 60_000;

/** Credentials that are filled in hold nothing that can be opened: one does from here on. Returns it. */
export async function openCredential(client: pg.Client): Promise<string> {
  const credential = await readValue(client, "(select id from credentials limit 1)");
  await client.query("update credentials set body = $2 where id = $1", [
    credential,
    sealBody(credential, {}),
  ]);
  await client.query("update credential_bodies set body = $2 where credential_id = $1 and env = 'staging'", [
    credential,
    sealBody(credential, {}, "staging"),
  ]);
  return credential;
}

/** Where Ada is in one of the filled projects, with verbs that use `db`. */
export async function sceneOf(
  client: pg.Client,
  { name, credential, db, volume }: { name: keyof typeof middle; credential: string; db: Db; volume: Volume },
): Promise<Scene> {
  const tenant = tenants[name];
  const n = middle[name];
  const value = (expression: string) => readValue(client, expression);
  const at = (minutes: number) =>
    new Date(Date.now() - (volume.messages - n - minutes) * minuteMs).toISOString();
  const actor = { type: "user", userId: person, label: "ada@example.org" } as const;
  const user = { actor, db, announce: () => {} };
  return {
    user,
    ctx: { ...user, project: { id: tenant.project, name }, role: "owner" },
    tenant,
    message: await value(`plan_id(${kinds.message}, ${n})`),
    refused: await value(`plan_id(${kinds.message}, ${n})`),
    run: await value(`plan_id(${kinds.run}, ${n})`),
    order: await value(`(select work_order_id from runs where id = plan_id(${kinds.run}, ${n}))`),
    step: await value(`plan_id(${kinds.step}, ${n})`),
    credential,
    entry: await value(`(select id from library_jobs where project_id = '${tenant.project}' limit 1)`),
    clip: await value(`plan_id(${kinds.clip}, ${n})`),
    from: at(-720),
    to: at(720),
  };
}

async function readValue(client: pg.Client, expression: string): Promise<string> {
  const { rows } = await client.query<{ value: string }>(`select ${expression} as value`);
  return rows[0]?.value ?? "";
}
