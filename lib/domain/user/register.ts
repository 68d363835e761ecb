import { z } from "zod";
import type { Db } from "@/db/client";
import { findOpenInvitation, hasOpenInvitation } from "@/lib/domain/invitation/find";
import { consumeLimit, limits } from "@/lib/domain/rate-limit/consume";
import { addressBlock } from "@/lib/net/addresses";
import { forbidden, Refusal } from "@/lib/refusal";
import { authenticateUser } from "./authenticate";
import { createUser } from "./create";
import { registration } from "./schemas";

/** Whom the answer signs in. */
export const registeredUser = z.strictObject({ id: z.uuid(), email: z.string() });

/**
 * Makes the account of somebody who is not signed in. With the password of an existing account it returns that one;
 * otherwise an e-mail in use is refused in words that fit every refusal. Throws `forbidden` when sign-up is closed
 * and nobody invited this e-mail, or an invitation is needed and none was brought (in the same words for every e-mail), `limit` when one address registers too often.
 */
export async function registerUser(
  ctx: {
    db: Db;
    address: string;
    isSignupOpen: boolean;
    isMailDelivered: boolean;
    /** Others than this machine can ask: only who brings the link of an invitation to this mailbox is told anything. */
    needsInvitation?: boolean;
  },
  input: z.input<typeof registration>,
): Promise<{ id: string; email: string; isNew: boolean }> {
  const { name, email, password, invitation: token } = registration.parse(input);
  await consumeLimit(ctx.db, `register:${addressBlock(ctx.address)}`, limits.registrationPerBlock);
  const invitation = token ? await findOpenInvitation(ctx.db, token) : undefined;
  const isInvited = invitation?.email === email;
  if (ctx.needsInvitation && !isInvited)
    throw forbidden(
      ctx.isMailDelivered
        ? "Accounts are made by a link here. Ask for one with your e-mail address on the page Create an account, or open the link of your invitation."
        : "Accounts are made by invitation here. Open the link of your invitation, or ask whoever runs this Waybill for an account.",
    );
  if (!ctx.isSignupOpen && !isInvited && !(await hasOpenInvitation(ctx.db, email)))
    throw forbidden("Registration is by invitation here. Ask a collaborator to invite this e-mail address.");
  try {
    const created = await createUser(ctx, {
      name,
      email,
      password,
      // Without a mailer the inviter sees the link, so that it proves nothing about the mailbox.
      isEmailVerified: isInvited && ctx.isMailDelivered,
    });
    return { id: created.id, email, isNew: true };
  } catch (error) {
    if (!(error instanceof Refusal && error.code === "conflict")) throw error;
    const known = await authenticateUser(ctx, { email, password });
    if (known) return { id: known.id, email, isNew: false };
    throw new Refusal(
      "conflict",
      "This e-mail address cannot be registered with this password. If you have an account, sign in instead.",
    );
  }
}
