import { randomInt } from "node:crypto";
import { eq } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "@/db/client";
import { backupCodes } from "@/db/schema";
import { hashToken } from "@/lib/crypto/token";

const count = 10;
/** Without letters and digits that are read as others. 16 of them are 80 bits: no slow hash is needed. */
const alphabet = "abcdefghjkmnpqrstuvwxyz23456789";
const groups = 4;
const groupLength = 4;

/** Six digits of an app, or a backup code, as somebody types it. */
export const codeInput = z
  .string()
  .max(100)
  .transform((text) => text.replace(/[\s-]/g, "").toLowerCase())
  .pipe(z.string().min(6, "Enter the code.").max(40))
  .meta({ description: "Six digits from the app, or a backup code." });

export const newCodes = z.strictObject({
  backupCodes: z.array(z.string()).meta({ description: "Shown this once. Each is good once." }),
});
export type NewCodes = z.infer<typeof newCodes>;

const letter = () => alphabet[randomInt(alphabet.length)] ?? "";
const group = () => Array.from({ length: groupLength }, letter).join("");
const newCode = () => Array.from({ length: groups }, group).join("-");

/** What is stored of a code. */
export const hashCode = (code: string): string => hashToken(code.replaceAll("-", ""));

/** Makes ten codes for the user in place of those there were. They are in the answer and nowhere else. */
export async function replaceCodes(tx: Db, userId: string): Promise<string[]> {
  await tx.delete(backupCodes).where(eq(backupCodes.userId, userId));
  const codes = Array.from({ length: count }, newCode);
  await tx.insert(backupCodes).values(codes.map((code) => ({ userId, codeHash: hashCode(code) })));
  return codes;
}
