import { createHash } from "node:crypto";
import { and, desc, eq } from "drizzle-orm";
import type { Db } from "@/db/client";
import { adaptorArtefacts } from "@/db/schema";
import { Refusal } from "@/lib/refusal";
import type { AdaptorInfo, Runner } from "@/lib/runner/contract";
import type { ArtefactStore } from "@/lib/runner/with-artefacts";

/**
 * Stores what the runner built, once, so that any other runner can be given it. Throws what the runner throws, and
 * `unavailable` when its file is not the one it named.
 */
export async function keepArtefact(
  db: Db,
  runner: Pick<Runner, "exportArtefact">,
  { name, version, artefactHash: hash }: Pick<AdaptorInfo, "name" | "version" | "artefactHash">,
): Promise<void> {
  if (!hash) return;
  const known = await db
    .select({ hash: adaptorArtefacts.hash })
    .from(adaptorArtefacts)
    .where(eq(adaptorArtefacts.hash, hash));
  if (known.length > 0) return;
  const bytes = await runner.exportArtefact(hash);
  if (createHash("sha256").update(bytes).digest("hex") !== hash)
    throw new Refusal("unavailable", `The runner's file of ${name}@${version} is damaged. Try again.`);
  await db.insert(adaptorArtefacts).values({ hash, name, version, bytes }).onConflictDoNothing();
}

/** Gives the runner the stored artefact of a version. False when none is stored. Throws what the runner throws. */
export async function provideArtefact(
  db: Db,
  runner: Pick<Runner, "importArtefact">,
  { name, version }: { name: string; version: string },
): Promise<boolean> {
  const [stored] = await db
    .select({ hash: adaptorArtefacts.hash, bytes: adaptorArtefacts.bytes })
    .from(adaptorArtefacts)
    .where(and(eq(adaptorArtefacts.name, name), eq(adaptorArtefacts.version, version)))
    .orderBy(desc(adaptorArtefacts.createdAt), desc(adaptorArtefacts.hash))
    .limit(1);
  if (!stored) return false;
  await runner.importArtefact(stored.hash, stored.bytes);
  return true;
}

/** The product's database as what gives runners the adaptors they lack. */
export const artefactStore = (db: Db): ArtefactStore => ({
  provide: (runner, adaptor) => provideArtefact(db, runner, adaptor),
  keep: (runner, info) => keepArtefact(db, runner, info),
});
