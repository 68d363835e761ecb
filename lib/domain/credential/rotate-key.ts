import { and, asc, eq, getTableName, gt, isNotNull, ne, notLike, type SQL, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import type { Db } from "@/db/client";
import {
  authMethods,
  credentialBodies,
  credentials,
  keyProofs,
  noticeChannels,
  oauthClients,
  oauthConsents,
  payloads,
  personItems,
  personRequests,
  secondFactors,
  storedStates,
} from "@/db/schema";
import { keyIdOf, newestPrefix, open, seal } from "@/lib/crypto/envelope";
import { secretContext } from "@/lib/domain/auth-method/create";
import { channelContext } from "@/lib/domain/notice/channel/target";
import { verifierContext } from "@/lib/domain/oauth-client/consent";
import { secretContext as clientSecretContext } from "@/lib/domain/oauth-client/secret";
import { personContext } from "@/lib/domain/person/keys";
import { secretContext as secondFactorContext } from "@/lib/domain/second-factor/secret";
import { write } from "@/lib/domain/write";
import { payloadContext } from "@/lib/payloads/sealed";
import { conflict } from "@/lib/refusal";
import { stateContext } from "@/lib/state/sealed";
import { contextOf } from "./body";

const actor = { type: "system", label: "operator" } as const;
const defaultBatchSize = 200;

/** A secret as it is stored, and what it was sealed for. */
type Sealed = { id: string; envelope: string; context: string };
type Kind = {
  /** `table.column`. */
  where: string;
  /** The next secrets after `id` that another key sealed, locked until the transaction ends. */
  next(tx: Db, after: string | null, limit: number): Promise<Sealed[]>;
  write(tx: Db, id: string, envelope: string): Promise<unknown>;
  /** How many `current` is the beginning of. */
  counted(current: string): SQL<number>;
};

/**
 * A column of envelopes: which one, whose row it is, and what a row's was sealed for, said by `parts` of it. A column that is
 * not here keeps its old key: lib/testing/sealed-columns.db.test.ts looks for envelopes in the whole database.
 */
function column<P extends Record<string, PgColumn>>(
  { id, sealed, ...parts }: { id: PgColumn; sealed: PgColumn } & P,
  contextOfRow: (row: Record<"id" | keyof Omit<P, "id" | "sealed">, string>) => string,
): Kind {
  const texts = Object.entries({ id, ...parts }).map(([name, one]) => [name, sql<string>`${one}`]);
  return {
    where: `${getTableName(sealed.table)}.${sealed.name}`,
    async next(tx, after, limit) {
      const isOld = and(isNotNull(sealed), notLike(sealed, `${newestPrefix()}%`));
      // all tenants: the operator changes the key of every secret
      const found = await tx
        .select({ envelope: sql<string>`${sealed}`, ...Object.fromEntries(texts) })
        .from(sealed.table)
        .where(and(isOld, ...(after ? [gt(id, after)] : [])))
        .orderBy(asc(id))
        .limit(limit)
        .for("update");
      const rows = found as (Parameters<typeof contextOfRow>[0] & { envelope: string })[];
      return rows.map((row) => ({ id: row.id, envelope: row.envelope, context: contextOfRow(row) }));
    },
    write: (tx, rowId, envelope) =>
      // all tenants: the operator changes the key of every secret
      tx.execute(
        sql`update ${sealed.table} set ${sql.identifier(sealed.name)} = ${envelope} where ${id} = ${rowId}`,
      ),
    counted: (current) => sql`(select count(*)::int from ${sealed.table} where ${sealed} like ${current})`,
  };
}

const kinds = {
  credentials: column({ id: credentials.id, sealed: credentials.body }, ({ id }) => contextOf(id)),
  environments: column(
    {
      id: credentialBodies.id,
      sealed: credentialBodies.body,
      credentialId: credentialBodies.credentialId,
      env: credentialBodies.env,
    },
    ({ credentialId, env }) => contextOf(credentialId, env),
  ),
  authMethods: column(
    {
      id: authMethods.id,
      sealed: authMethods.secret,
      projectId: authMethods.projectId,
      name: authMethods.name,
    },
    ({ projectId, name }) => secretContext(projectId, name),
  ),
  secondFactors: column({ id: secondFactors.userId, sealed: secondFactors.secret }, ({ id }) =>
    secondFactorContext(id),
  ),
  noticeChannels: column(
    { id: noticeChannels.id, sealed: noticeChannels.target, projectId: noticeChannels.projectId },
    ({ id, projectId }) => channelContext(projectId, id),
  ),
  states: column(
    { id: storedStates.id, sealed: storedStates.sealed, projectId: storedStates.projectId },
    ({ projectId }) => stateContext(projectId),
  ),
  oauthClients: column({ id: oauthClients.id, sealed: oauthClients.clientSecret }, ({ id }) =>
    clientSecretContext(id),
  ),
  oauthConsents: column({ id: oauthConsents.stateHash, sealed: oauthConsents.verifier }, ({ id }) =>
    verifierContext(id),
  ),
  payloads: column(
    { id: payloads.id, sealed: payloads.sealedKey, projectId: payloads.projectId },
    ({ projectId }) => payloadContext(projectId),
  ),
  persons: column(
    { id: personRequests.id, sealed: personRequests.sealed, projectId: personRequests.projectId },
    ({ projectId }) => personContext(projectId),
  ),
  personItems: column(
    { id: personItems.seq, sealed: personItems.excerpt, projectId: personItems.projectId },
    ({ projectId }) => personContext(projectId),
  ),
} satisfies Record<string, Kind>;

/** Columns of envelopes, as `table.column`. */
export const sealedColumns: string[] = Object.values(kinds).map(({ where }) => where);

type KindName = keyof typeof kinds;

/** How many secrets of each kind were sealed again, and how many were with the newest key before. */
export type Rotation = Record<KindName, number> & { alreadyCurrent: number };

/**
 * Seals every stored secret with the newest key, a batch a transaction: interrupted, it goes on where it was. Secrets
 * that no configured key opens stay as they are; it throws `conflict` about them after doing the others.
 */
export async function rotateCredentialKey(
  db: Db,
  { batchSize = defaultBatchSize }: { batchSize?: number } = {},
): Promise<Rotation> {
  const alreadyCurrent = await countCurrent(db);
  const names = Object.keys(kinds) as KindName[];
  const done = Object.fromEntries(names.map((name) => [name, 0])) as Record<KindName, number>;
  const problems: string[] = [];
  for (const kind of names) {
    let after: string | null = null;
    do {
      const batch = await rotateBatch(db, kind, after, batchSize);
      after = batch.last;
      done[kind] += batch.sealed;
      problems.push(...batch.problems);
    } while (after !== null);
  }
  await forgetOlderKeys(db);
  const [problem] = problems;
  if (problem)
    throw conflict(
      `${problems.length} of the stored secrets could not be opened and were left as they are; the others are done. ${problem}`,
    );
  return { ...done, alreadyCurrent };
}

/** Nothing that can be opened is sealed with them any more: a start needs the newest alone. */
const forgetOlderKeys = (db: Db): Promise<void> =>
  write({ db, actor }, "own", async (tx) => {
    const older = ne(keyProofs.fingerprint, keyIdOf(newestPrefix()) ?? "");
    await tx.delete(keyProofs).where(and(eq(keyProofs.purpose, "credential"), older));
    return { result: undefined, audit: null, changed: null };
  });

type Batch = { last: string | null; sealed: number; problems: string[] };

function rotateBatch(db: Db, name: KindName, after: string | null, batchSize: number): Promise<Batch> {
  return write({ db, actor }, "own", async (tx) => {
    const kind = kinds[name];
    const found = await kind.next(tx, after, batchSize);
    const problems: string[] = [];
    let sealed = 0;
    for (const { id, envelope, context } of found) {
      const plaintext = tryOpen(envelope, context);
      if ("problem" in plaintext) problems.push(`${name} ${id}: ${plaintext.problem}`);
      else {
        await kind.write(tx, id, seal(plaintext.text, context));
        sealed += 1;
      }
    }
    return {
      result: { last: found.at(-1)?.id ?? null, sealed, problems },
      audit: sealed > 0 ? { event: "credential_key.rotate", after: { [name]: sealed } } : null,
      changed: null,
    };
  });
}

function tryOpen(envelope: string, context: string): { text: string } | { problem: string } {
  try {
    return { text: open(envelope, context) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : "It does not open." };
  }
}

async function countCurrent(db: Db): Promise<number> {
  const counts = Object.values(kinds).map(({ counted }) => counted(`${newestPrefix()}%`));
  const [row] = await db
    .select({ count: sql<number>`${sql.join(counts, sql` + `)}` })
    .from(sql`(values (1)) as one`);
  return row?.count ?? 0;
}
