import { and, eq, gt, sql } from "drizzle-orm";
import { credentials, credentialTransfers, users } from "@/db/schema";
import type { ContentMaker } from "@/lib/domain/notice/contents";
import { env, publicUrl } from "@/lib/env";
import { transferDays } from "./offer";

/** What somebody is told who is offered a credential; nothing when the offer is over. */
export const credentialTransferNotice: ContentMaker = {
  async contentOf(db, { userId, data }) {
    const [offer] = await db
      .select({ name: credentials.name, from: users.email })
      .from(credentialTransfers)
      .innerJoin(credentials, eq(credentials.id, credentialTransfers.credentialId))
      .innerJoin(users, eq(users.id, credentialTransfers.fromId))
      .where(
        and(
          eq(credentialTransfers.id, String(data.transferId)),
          eq(credentialTransfers.toId, userId ?? ""),
          gt(credentialTransfers.expiresAt, sql`now()`),
        ),
      );
    if (!offer) return null;
    return {
      subject: `${offer.from} offers you the credential ${offer.name}`,
      lead: `${offer.from} wants the credential ${offer.name} to be yours. Once you accept, you alone see and change its secret; the jobs that use it notice nothing.`,
      facts: [
        { label: "Credential", value: offer.name },
        { label: "From", value: offer.from },
      ],
      todo: `Accept or decline it within ${transferDays} days.`,
      actions: [{ label: "Look at the offer", url: `${publicUrl(env())}/account#credentials` }],
      stop: null,
    };
  },
};
