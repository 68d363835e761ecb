import type { Db } from "@/db/client";
import { chooseCredential } from "@/lib/domain/keychain/choose";
import type { WantedCredential } from "@/lib/workflow/wanted-credential";
import type { LastUses } from "./last-uses";
import { type OpenedCredential, openCredential } from "./open";

/**
 * Where steps get credentials from: the job's own, or the one that its keychain chooses for the step's input. Every one
 * that was opened is noted as used. Throws as `openCredential` and `chooseCredential`.
 */
export const credentialSource = (db: Db, uses: Pick<LastUses, "note">) => ({
  async open(wanted: WantedCredential, projectId: string): Promise<OpenedCredential> {
    const keychainId = "input" in wanted ? wanted.keychainCredentialId : null;
    const id =
      "input" in wanted
        ? await chooseCredential(db, wanted.keychainCredentialId, projectId, wanted.input)
        : wanted.projectCredentialId;
    const opened = await openCredential(db, id, projectId);
    uses.note({ projectId, projectCredentialId: id, keychainId });
    return opened;
  },
});
