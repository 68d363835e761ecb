import { sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { rows } from "@/db/rows";
import { ExactNumber, parseExact } from "@/lib/exact-json";
import { parseJsonPath } from "@/lib/json-path";
import { conflict } from "@/lib/refusal";
import { withoutNul } from "@/lib/text";

type Keychain = { name: string; path: string; fallback: string | null };

/**
 * The project's credential (its id there) that a keychain chooses for a step that begins with `input`, a state as JSON
 * text: the one whose external id stands at the keychain's path; the default where nothing stands there, or no credential
 * has that id. Throws `conflict` with a sentence that names the path, never what the input says.
 */
export async function chooseCredential(
  db: Db,
  keychainId: string,
  projectId: string,
  input: string,
): Promise<string> {
  const [keychain] = await rows<Keychain>(
    db,
    sql`select name, path, default_project_credential_id as fallback from keychain_credentials
        where id = ${keychainId}::uuid and project_id = ${projectId}::uuid`,
  );
  if (!keychain)
    throw conflict(
      "The keychain that this job had is not there any more. Choose a credential or another keychain for it.",
    );
  const named = nameAt(keychain, input);
  const found = named === null ? [] : await credentialsCalled(db, projectId, named);
  const [first, second] = found;
  if (first && second)
    throw conflict(
      `The credentials ${first.name} and ${second.name} both have the external id that the input names at ${keychain.path}, so the keychain ${keychain.name} cannot choose. Give one of them another.`,
    );
  const chosen = first?.id ?? keychain.fallback;
  if (chosen) return chosen;
  throw conflict(
    named === null
      ? `The keychain ${keychain.name} found nothing at ${keychain.path} of the step's input, and it has no default credential. Send what names one there, or give the keychain a default.`
      : `No credential of this project has the external id that the input names at ${keychain.path}, and the keychain ${keychain.name} has no default. Share one that has it, or give the keychain a default.`,
  );
}

/** What stands at a keychain's path of a state; null where nothing does. Throws `conflict` for what names no one credential. */
function nameAt({ name, path }: Keychain, input: string): string | null {
  let found: string | null = null;
  for (const value of parseJsonPath(path).each(parseExact(input))) {
    if (value === null || value === "") continue;
    if (typeof value === "object" && !(value instanceof ExactNumber))
      throw conflict(
        `The keychain ${name} found ${Array.isArray(value) ? "a list" : "an object"} at ${path} of the step's input, where one text or number has to name a credential. Let its path lead further.`,
      );
    const text = String(value);
    if (found !== null && found !== text)
      throw conflict(
        `The keychain ${name} found two different values at ${path} of the step's input, so it cannot choose one credential. Let its path lead to one value, or split the data before this job.`,
      );
    found = text;
  }
  return found;
}

/** Two at most. */
const credentialsCalled = (db: Db, projectId: string, externalId: string) =>
  rows<{ id: string; name: string }>(
    db,
    sql`select l.id, c.name from project_credentials l join credentials c on c.id = l.credential_id
        where l.project_id = ${projectId}::uuid and c.external_id = ${withoutNul(externalId)} order by l.id limit 2`,
  );
