import { and, asc, eq, gt, isNotNull, ne, notLike, sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { authMethods, credentialBodies, credentials, dataclips, keyProofs, secondFactors } from "@/db/schema";
import { keyIdOf, newestPrefix, open, seal } from "@/lib/crypto/envelope";
import { secretContext } from "@/lib/domain/auth-method/create";
import { secretContext as secondFactorContext } from "@/lib/domain/second-factor/secret";
import { write } from "@/lib/domain/write";
import { conflict } from "@/lib/refusal";
import { stateContext } from "@/lib/state/sealed";
import { contextOf } from "./body";

const actor = { type: "system", label: "operator" } as const;
const defaultBatchSize = 200;

export type Rotation = {
  credentials: number;
  authMethods: number;
  secondFactors: number;
  states: number;
  alreadyCurrent: number;
};

/** A secret as it is stored, and what it was sealed for. */
type Sealed = { id: string; envelope: string; context: string };
type Kind = {
  name: "credentials" | "authMethods" | "secondFactors" | "states";
  /** The next secrets after `id` that another key sealed, locked until the transaction ends. */
  next(tx: Db, after: string | null, limit: number): Promise<Sealed[]>;
  write(tx: Db, id: string, envelope: string): Promise<unknown>;
};

type Envelope =
  | typeof credentials.body
  | typeof credentialBodies.body
  | typeof authMethods.secret
  | typeof secondFactors.secret
  | typeof dataclips.sealed;

const isOld = (column: Envelope) => notLike(column, `${newestPrefix()}%`);

const kinds: Kind[] = [
  {
    name: "credentials",
    async next(tx, after, limit) {
      const found = await tx
        .select({ id: credentials.id, envelope: credentials.body })
        .from(credentials)
        .where(and(isOld(credentials.body), ...(after ? [gt(credentials.id, after)] : [])))
        .orderBy(asc(credentials.id))
        .limit(limit)
        .for("update");
      return found.map((row) => ({ ...row, context: contextOf(row.id) }));
    },
    write: (tx, id, body) => tx.update(credentials).set({ body }).where(eq(credentials.id, id)),
  },
  {
    name: "credentials",
    async next(tx, after, limit) {
      const { id, credentialId, env, body } = credentialBodies;
      const found = await tx
        .select({ id, credentialId, env, envelope: body })
        .from(credentialBodies)
        .where(and(isOld(body), ...(after ? [gt(id, after)] : [])))
        .orderBy(asc(id))
        .limit(limit)
        .for("update");
      return found.map((row) => ({ ...row, context: contextOf(row.credentialId, row.env) }));
    },
    write: (tx, id, body) => tx.update(credentialBodies).set({ body }).where(eq(credentialBodies.id, id)),
  },
  {
    name: "authMethods",
    async next(tx, after, limit) {
      const { id, projectId, name, secret } = authMethods;
      // all tenants: the operator changes the key of every secret
      const found = await tx
        .select({ id, projectId, name, envelope: secret })
        .from(authMethods)
        .where(and(isOld(secret), ...(after ? [gt(id, after)] : [])))
        .orderBy(asc(id))
        .limit(limit)
        .for("update");
      return found.map((row) => ({ ...row, context: secretContext(row.projectId, row.name) }));
    },
    // all tenants: the operator changes the key of every secret
    write: (tx, id, secret) => tx.update(authMethods).set({ secret }).where(eq(authMethods.id, id)),
  },
  {
    name: "secondFactors",
    async next(tx, after, limit) {
      const { userId, secret } = secondFactors;
      const found = await tx
        .select({ id: userId, envelope: secret })
        .from(secondFactors)
        .where(and(isOld(secret), ...(after ? [gt(userId, after)] : [])))
        .orderBy(asc(userId))
        .limit(limit)
        .for("update");
      return found.map((row) => ({ ...row, context: secondFactorContext(row.id) }));
    },
    write: (tx, id, secret) => tx.update(secondFactors).set({ secret }).where(eq(secondFactors.userId, id)),
  },
  {
    name: "states",
    async next(tx, after, limit) {
      const { id, projectId, sealed } = dataclips;
      // all tenants: the operator changes the key of every secret
      const found = await tx
        .select({ id, projectId, envelope: sql<string>`${sealed}` })
        .from(dataclips)
        .where(and(isNotNull(sealed), isOld(sealed), ...(after ? [gt(id, after)] : [])))
        .orderBy(asc(id))
        .limit(limit)
        .for("update");
      return found.map((row) => ({ ...row, context: stateContext(row.projectId) }));
    },
    // all tenants: the operator changes the key of every secret
    write: (tx, id, sealed) => tx.update(dataclips).set({ sealed }).where(eq(dataclips.id, id)),
  },
];

/**
 * Seals every stored secret with the newest key, a batch a transaction: interrupted, it goes on where it was. Secrets
 * that no configured key opens stay as they are; it throws `conflict` about them after doing the others.
 */
export async function rotateCredentialKey(
  db: Db,
  { batchSize = defaultBatchSize }: { batchSize?: number } = {},
): Promise<Rotation> {
  const alreadyCurrent = await countCurrent(db);
  const done = { credentials: 0, authMethods: 0, secondFactors: 0, states: 0 };
  const problems: string[] = [];
  for (const kind of kinds) {
    let after: string | null = null;
    do {
      const batch = await rotateBatch(db, kind, after, batchSize);
      after = batch.last;
      done[kind.name] += batch.sealed;
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

function rotateBatch(db: Db, kind: Kind, after: string | null, batchSize: number): Promise<Batch> {
  return write({ db, actor }, "own", async (tx) => {
    const found = await kind.next(tx, after, batchSize);
    const problems: string[] = [];
    let sealed = 0;
    for (const { id, envelope, context } of found) {
      const plaintext = tryOpen(envelope, context);
      if ("problem" in plaintext) problems.push(`${kind.name} ${id}: ${plaintext.problem}`);
      else {
        await kind.write(tx, id, seal(plaintext.text, context));
        sealed += 1;
      }
    }
    return {
      result: { last: found.at(-1)?.id ?? null, sealed, problems },
      audit: sealed > 0 ? { event: "credential_key.rotate", after: { [kind.name]: sealed } } : null,
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
  const current = `${newestPrefix()}%`;
  const [row] = await db
    .select({
      count: sql<number>`(select count(*)::int from ${credentials} where ${credentials.body} like ${current})
        + (select count(*)::int from ${credentialBodies} where ${credentialBodies.body} like ${current})
        + (select count(*)::int from ${authMethods} where ${authMethods.secret} like ${current})
        + (select count(*)::int from ${secondFactors} where ${secondFactors.secret} like ${current})
        + (select count(*)::int from ${dataclips} where ${dataclips.sealed} like ${current})`,
    })
    .from(sql`(values (1)) as one`);
  return row?.count ?? 0;
}
