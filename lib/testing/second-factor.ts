import { beginSecondFactor, confirmSecondFactor } from "@/lib/domain/second-factor/set-up";
import { digitsAt } from "@/lib/domain/second-factor/totp";
import { createSession } from "@/lib/domain/session/create";
import { testDatabase } from "./database";
import { createTestUser, type TestUser, userContextFor } from "./fixtures";

/** A user with a second factor, signed in with it. The present code of the app is taken by then; the backup codes are not. */
export async function createFactor(given?: TestUser) {
  const user = given ?? (await createTestUser({ emailVerified: new Date() }));
  const { id: sessionId } = await createSession(testDatabase().db, { userId: user.id });
  const ctx = { ...userContextFor(user), sessionId };
  const { secret } = await beginSecondFactor(ctx, { isMailDelivered: false });
  const { backupCodes: codes } = await confirmSecondFactor(ctx, { code: digitsAt(secret) });
  return { user, ctx, sessionId, secret, codes };
}
