import { sql } from "drizzle-orm";
import { check, index, integer, pgTable, primaryKey, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { createdAt, instant, timeOrderedId } from "@/db/columns";

export const users = pgTable(
  "users",
  {
    id: timeOrderedId(),
    /** Lower-cased by every writer. */
    email: text("email").notNull(),
    name: text("name"),
    image: text("image"),
    passwordHash: text("password_hash"),
    emailVerified: instant("email_verified"),
    disabledAt: instant("disabled_at"),
    /** Of the IANA database; null = UTC. What digests and quiet hours go by. */
    timeZone: text("time_zone"),
    /** Minutes of its day between which notices wait; from late to early goes over midnight. Both null = none. */
    quietFrom: integer("quiet_from"),
    quietTo: integer("quiet_to"),
    /** Since when the account is on its way out: it can only be taken back. Null for all others. */
    deletionScheduledAt: instant("deletion_scheduled_at"),
    /** From when on nothing brings it back: it is purged. Set together with `deletionScheduledAt`. */
    deletesAt: instant("deletes_at"),
    createdAt: createdAt(),
  },
  (t) => [
    uniqueIndex("users_email").on(t.email), // sign-in, invitations and CLI by e-mail
    index("users_deletes").on(t.deletesAt).where(sql`deletes_at is not null`), // what is to be purged
    check(
      "users_quiet_hours",
      sql`(quiet_from is null) = (quiet_to is null) and quiet_from between 0 and 1439 and quiet_to between 0 and 1439 and quiet_from <> quiet_to`,
    ),
  ],
);

/** Accounts at GitHub, Google or an OIDC provider that sign this user in (next-auth's adapter shape). */
export const accounts = pgTable(
  "accounts",
  {
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    type: text("type").notNull(),
    provider: text("provider").notNull(),
    providerAccountId: text("provider_account_id").notNull(),
    refresh_token: text("refresh_token"),
    access_token: text("access_token"),
    expires_at: integer("expires_at"),
    token_type: text("token_type"),
    scope: text("scope"),
    id_token: text("id_token"),
    session_state: text("session_state"),
  },
  (t) => [
    primaryKey({ columns: [t.provider, t.providerAccountId] }),
    index("accounts_user").on(t.userId), // a user's accounts, and the cascade
  ],
);

/** One row a signed-in browser. The cookie is a JWT that names the row, so that it can be revoked. */
export const sessions = pgTable(
  "sessions",
  {
    id: timeOrderedId(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    userAgent: text("user_agent"),
    createdAt: createdAt(),
    lastSeenAt: instant("last_seen_at").notNull().defaultNow(),
    /** When its person last proved to be there; sensitive acts need that to be recent. */
    authenticatedAt: instant("authenticated_at").notNull().defaultNow(),
    /** When the second factor was given for it. Before its account's `confirmed_at` it counts for nothing. */
    secondFactorAt: instant("second_factor_at"),
    revokedAt: instant("revoked_at"),
  },
  (t) => [index("sessions_user").on(t.userId)], // "where you are signed in"
);

/** A person's second factor (TOTP): asked for at every sign-in from `confirmed_at` on. */
export const secondFactors = pgTable("second_factors", {
  userId: uuid("user_id")
    .primaryKey()
    .references(() => users.id, { onDelete: "cascade" }),
  /** Base32, sealed as credentials are. */
  secret: text("secret").notNull(),
  /** Null while it is being set up. */
  confirmedAt: instant("confirmed_at"),
  /** The time step of the last code that was taken: no code is taken twice. */
  lastStep: integer("last_step"),
  createdAt: createdAt(),
});

/** What stands in for a lost device: SHA-256 of random codes, each good once. */
export const backupCodes = pgTable(
  "backup_codes",
  {
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    codeHash: text("code_hash").notNull(),
    usedAt: instant("used_at"),
    createdAt: createdAt(),
  },
  (t) => [primaryKey({ columns: [t.userId, t.codeHash] })], // a code that somebody types
);

/** Magic-link tokens (next-auth's adapter shape); the token is stored hashed by next-auth. */
export const verificationTokens = pgTable(
  "verification_tokens",
  {
    identifier: text("identifier").notNull(),
    token: text("token").notNull(),
    expires: instant("expires").notNull(),
  },
  (t) => [primaryKey({ columns: [t.identifier, t.token] })],
);

/** Fixed-window counters behind sign-in, registration and invitation limits. */
export const rateLimits = pgTable(
  "rate_limits",
  {
    key: text("key").notNull(),
    windowStart: instant("window_start").notNull(),
    count: integer("count").notNull().default(0),
  },
  (t) => [primaryKey({ columns: [t.key, t.windowStart] })],
);

/** Mails the product sent, and the local mail page when no mailer is configured. */
export const mails = pgTable(
  "mails",
  {
    id: timeOrderedId(),
    to: text("to").notNull(),
    subject: text("subject").notNull(),
    text: text("text").notNull(),
    sentAt: instant("sent_at"),
    error: text("error"),
    createdAt: createdAt(),
  },
  (t) => [index("mails_created").on(t.createdAt)], // the local mail page, newest first
);
