import { desc, isNotNull, sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import {
  authMethods,
  credentialBodies,
  credentials,
  keyProofs,
  noticeChannels,
  secondFactors,
  storedStates,
} from "@/db/schema";
import { keyIdOf } from "@/lib/crypto/envelope";
import { configuredProofs, type KeyProof } from "@/lib/crypto/proof";
import { write } from "@/lib/domain/write";
import { conflict } from "@/lib/refusal";

const actor = { type: "system", label: "start" } as const;

type Configured = ReturnType<typeof configuredProofs>;
type Stored = typeof keyProofs.$inferInsert;

const accept =
  'If it is lost for good, "npm run -s admin -- accept-keys" goes on without it, and what only it opens stays closed.';

const isAmong = (proofs: KeyProof[], { fingerprint, digest }: KeyProof): boolean =>
  proofs.some((own) => own.fingerprint === fingerprint && own.digest === digest);
const named = (proofs: { fingerprint: string }[]): string =>
  proofs.map(({ fingerprint }) => fingerprint).join(", ");

/**
 * Holds the configured keys against those that the database was written with, and remembers the ones in use now: a key
 * stays needed until nothing is sealed with it. One process at a time may ask. Throws `conflict` with a sentence that
 * names the expected key by its fingerprint.
 */
export async function proveKeys(db: Db): Promise<void> {
  const configured = configuredProofs();
  const stored = await db.select().from(keyProofs);
  const secrets = stored.filter(({ purpose }) => purpose === "secret");
  const sealing = stored.filter(({ purpose }) => purpose === "credential");
  if (secrets.some((proof) => !isAmong(configured.secret, proof))) throw wrongSecret(configured, secrets);
  const missing = sealing.filter((proof) => !isAmong(configured.credential, proof));
  if (missing.length > 0) throw missingKey(configured, named(missing));
  if (sealing.length === 0) await assertNewestOpens(db, configured);
  await write({ db, actor }, "own", async (tx) => {
    const proofs = await proofsInUse(tx, configured, sealing.length === 0);
    await tx.insert(keyProofs).values(proofs).onConflictDoNothing();
    return { result: undefined, audit: null, changed: null };
  });
}

/** What to remember: SECRET_KEY, the key that seals from now on and, asked for, those that sealed what is there. */
export async function proofsInUse(
  db: Db,
  { secret, credential }: Configured,
  withOlder: boolean,
): Promise<Stored[]> {
  const ids = withOlder ? await sealingIds(db) : [];
  const used = credential.filter(({ fingerprint }, i) => i === 0 || ids.includes(fingerprint));
  return [
    ...secret.map((proof) => ({ purpose: "secret" as const, ...proof })),
    ...used.map((proof) => ({ purpose: "credential" as const, ...proof })),
  ];
}

const wrongSecret = ({ secret }: Configured, expected: { fingerprint: string }[]) =>
  conflict(
    `SECRET_KEY is not the key of this database: its fingerprint is ${named(secret)}, and ${named(expected)} is expected. Start with the key of before, which npm start keeps in secrets.json of DATA_DIR unless SECRET_KEY is set. ${accept}`,
  );

const missingKey = ({ credential }: Configured, expected: string) =>
  conflict(
    `CREDENTIAL_KEY lacks a key that stored secrets are sealed with: the configured ones have the fingerprints ${named(credential)}, and ${expected} is expected. Add that key after the current one, and drop it only after "npm run -s admin -- rotate-credential-key". ${accept}`,
  );

/** A database from before there were proofs: what was stored last must open. */
async function assertNewestOpens(db: Db, configured: Configured): Promise<void> {
  const [newest] = await db
    .select({ envelope: credentials.body })
    .from(credentials)
    .orderBy(desc(credentials.updatedAt))
    .limit(1);
  const id = newest && keyIdOf(newest.envelope);
  if (id && !configured.credential.some(({ fingerprint }) => fingerprint === id))
    throw missingKey(configured, id);
}

/** Ids of the keys that sealed the stored secrets of everybody. */
async function sealingIds(db: Db): Promise<string[]> {
  const rows = await db
    .selectDistinct({ id: sql<string>`split_part(${credentials.body}, ':', 2)` })
    .from(credentials)
    .union(
      db
        .selectDistinct({ id: sql<string>`split_part(${credentialBodies.body}, ':', 2)` })
        .from(credentialBodies),
    )
    // all tenants: a key is the installation's
    .union(
      db.selectDistinct({ id: sql<string>`split_part(${authMethods.secret}, ':', 2)` }).from(authMethods),
    )
    .union(
      db.selectDistinct({ id: sql<string>`split_part(${secondFactors.secret}, ':', 2)` }).from(secondFactors),
    )
    // all tenants: a key is the installation's
    .union(
      db
        .selectDistinct({ id: sql<string>`split_part(${noticeChannels.target}, ':', 2)` })
        .from(noticeChannels),
    )
    // all tenants: a key is the installation's
    .union(
      db
        .selectDistinct({ id: sql<string>`split_part(${storedStates.sealed}, ':', 2)` })
        .from(storedStates)
        .where(isNotNull(storedStates.sealed)),
    );
  return rows.map(({ id }) => id);
}
