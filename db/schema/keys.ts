import { pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { createdAt, wordChecks } from "@/db/columns";
import { keyPurposes } from "@/lib/words";

/** Which keys this database was written with: a keyed digest of a constant, never the key. */
export const keyProofs = pgTable(
  "key_proofs",
  {
    purpose: text("purpose", { enum: keyPurposes }).notNull(),
    /** What people compare. */
    fingerprint: text("fingerprint").notNull(),
    digest: text("digest").notNull(),
    createdAt: createdAt(),
  },
  (t) => [primaryKey({ columns: [t.purpose, t.fingerprint] }), ...wordChecks(t.purpose)],
);
