import type { Db } from "@/db/client";
import { keyProofs } from "@/db/schema";
import { configuredProofs } from "@/lib/crypto/proof";
import { write } from "@/lib/domain/write";
import { proofsInUse } from "./prove";

const actor = { type: "system", label: "operator" } as const;

export type AcceptedKeys = { secretKey: string; credentialKeys: string[] };

/** Takes the configured keys for this database's own, whatever it was written with. Answers their fingerprints. */
export function acceptKeys(db: Db): Promise<AcceptedKeys> {
  return write({ db, actor }, "own", async (tx) => {
    const proofs = await proofsInUse(tx, configuredProofs(), true);
    await tx.delete(keyProofs);
    await tx.insert(keyProofs).values(proofs);
    const of = (wanted: string) =>
      proofs.filter(({ purpose }) => purpose === wanted).map(({ fingerprint }) => fingerprint);
    const result = { secretKey: of("secret").join(), credentialKeys: of("credential") };
    return { result, audit: { event: "keys.accept", after: result }, changed: null };
  });
}
