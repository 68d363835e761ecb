import { and, eq } from "drizzle-orm";
import type { Db } from "@/db/client";
import { credentialBodies, credentials, oauthClients, projectCredentials, projects } from "@/db/schema";
import { clientColumns, clientOf } from "@/lib/domain/oauth-client/keys";
import { env } from "@/lib/env";
import { EgressPolicy } from "@/lib/net/egress-policy";
import { conflict, notFound } from "@/lib/refusal";
import { type CredentialBody, openBody } from "./body";
import { refreshCredential, type StoredCredential } from "./refresh";

let operators: EgressPolicy | undefined;

/** The operator's rules for addresses that users gave, as jobs have them. */
export function operatorPolicy(): EgressPolicy {
  const { EGRESS_ALLOW: allow, EGRESS_DENY: deny } = env();
  operators ??= new EgressPolicy({ allow, deny });
  return operators;
}

export type OpenedCredential = {
  /** What runners tell it from others by: the project's id of it, with the environment where that is not `main`. */
  id: string;
  /** As people are told; with the environment, too. */
  name: string;
  body: CredentialBody;
  /** Where it may be sent; null when its owner names no hosts. */
  allowedHosts: string[] | null;
};

/**
 * The decrypted credential that a job of this project uses, as it is in the project's environment, OAuth2 tokens renewed
 * before they expire. For the engine only: nothing that a person can call may return its body. Throws `not_found` when it
 * is no longer shared with the project, `conflict` when it is nothing in that environment, `unavailable` when its token
 * has expired and cannot be renewed.
 */
export async function openCredential(
  db: Db,
  projectCredentialId: string,
  projectId: string,
  policy: EgressPolicy = operatorPolicy(),
): Promise<OpenedCredential> {
  const stored = await openStoredCredential(db, projectCredentialId, projectId);
  const { name, env, allowedHosts } = stored;
  const body = await refreshCredential(db, policy.of(projectId), stored);
  return {
    id: runnersId(projectCredentialId, env),
    name: env === null ? name : `${name} (${env})`,
    body,
    allowedHosts,
  };
}

/** Processes of an environment are none of another: they have held its secrets. */
export const runnersId = (projectCredentialId: string, env: string | null): string =>
  env === null ? projectCredentialId : `${projectCredentialId}:${env}`;

/** As `openCredential`, as it is stored: nobody is asked for a new token. */
export async function openStoredCredential(
  db: Db,
  projectCredentialId: string,
  projectId: string,
): Promise<StoredCredential> {
  const [row] = await db
    .select({
      id: credentials.id,
      name: credentials.name,
      body: credentials.body,
      allowedHosts: credentials.allowedHosts,
      storedAt: credentials.updatedAt,
      env: projects.env,
      client: clientColumns,
      inEnv: {
        body: credentialBodies.body,
        allowedHosts: credentialBodies.allowedHosts,
        storedAt: credentialBodies.updatedAt,
      },
    })
    .from(projectCredentials)
    .innerJoin(credentials, eq(credentials.id, projectCredentials.credentialId))
    .innerJoin(projects, eq(projects.id, projectCredentials.projectId))
    .leftJoin(oauthClients, eq(oauthClients.id, credentials.oauthClientId))
    .leftJoin(
      credentialBodies,
      and(eq(credentialBodies.credentialId, credentials.id), eq(credentialBodies.env, projects.env)),
    )
    .where(and(eq(projectCredentials.id, projectCredentialId), eq(projectCredentials.projectId, projectId)));
  if (!row) throw notFound("The job's credential");
  const { inEnv, ...main } = row;
  const { id, name, env } = main;
  if (env === null)
    return {
      ...main,
      body: openBody(id, main.body),
      storedAt: new Date(main.storedAt),
      client: clientOf(main.client),
    };
  if (!inEnv)
    throw conflict(
      `The credential ${name} is nothing in the environment ${env}, which this project is in. Its owner adds what it is there, or the project's admins choose another environment in Settings.`,
    );
  return {
    ...main,
    body: openBody(id, inEnv.body, env),
    allowedHosts: inEnv.allowedHosts ?? main.allowedHosts,
    storedAt: new Date(inEnv.storedAt),
    client: null,
  };
}
