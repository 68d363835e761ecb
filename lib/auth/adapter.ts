import { and, eq } from "drizzle-orm";
import type { Adapter, AdapterAccount, AdapterUser } from "next-auth/adapters";
import { database } from "@/db/client";
import { accounts, users, verificationTokens } from "@/db/schema";
import { createUser } from "@/lib/domain/user/create";
import { verifyEmail } from "@/lib/domain/user/verify-email";
import { mailMode } from "@/lib/mail/mode";
import { currentUser } from "./context";
import { forgetLinks } from "./forget-links";

const columns = {
  id: users.id,
  email: users.email,
  name: users.name,
  image: users.image,
  emailVerified: users.emailVerified,
};

async function findUser(where: ReturnType<typeof eq>): Promise<AdapterUser | null> {
  const [user] = await database().db.select(columns).from(users).where(where);
  return user ?? null;
}

async function existing(id: string): Promise<AdapterUser> {
  const user = await findUser(eq(users.id, id));
  if (!user) throw new Error("The user is gone.");
  return user;
}

/** What next-auth stores through us. Sessions are ours alone: its cookie names a row of `sessions`. */
export const adapter: Adapter = {
  async createUser({ email, name, image, emailVerified }: Omit<AdapterUser, "id">) {
    const user = await createUser(
      { db: database().db },
      {
        email,
        name: name?.trim().slice(0, 100) || null,
        image: image ?? null,
        isEmailVerified: emailVerified !== null,
      },
    );
    return existing(user.id);
  },

  /** Asked for the user of a cookie, to link another account to: the session must still be good. */
  async getUser(id) {
    const user = await currentUser();
    return user?.id === id ? findUser(eq(users.id, id)) : null;
  },

  getUserByEmail: (email) => findUser(eq(users.email, email.trim().toLowerCase())),

  async getUserByAccount({ provider, providerAccountId }) {
    const [row] = await database()
      .db.select(columns)
      .from(accounts)
      .innerJoin(users, eq(users.id, accounts.userId))
      .where(and(eq(accounts.provider, provider), eq(accounts.providerAccountId, providerAccountId)));
    return row ?? null;
  },

  /** Called only when a mailed link was opened. Mails that never leave this machine prove nothing about a mailbox. */
  async updateUser({ id }) {
    const isOwnBrowser = (await currentUser())?.id === id || mailMode() !== "smtp";
    await verifyEmail(database().db, { userId: id, isOwnBrowser });
    return existing(id);
  },

  async linkAccount({ userId, type, provider, providerAccountId }: AdapterAccount) {
    // The provider's tokens are not kept: nothing here calls the provider again.
    await database()
      .db.insert(accounts)
      .values({ userId, type, provider, providerAccountId })
      .onConflictDoNothing();
  },

  async createVerificationToken(token) {
    const { db } = database();
    await forgetLinks(db);
    await db.insert(verificationTokens).values(token);
    return token;
  },

  async useVerificationToken({ identifier, token }) {
    const { db } = database();
    const [row] = await db
      .delete(verificationTokens)
      .where(and(eq(verificationTokens.identifier, identifier), eq(verificationTokens.token, token)))
      .returning();
    return row ?? null;
  },
};
