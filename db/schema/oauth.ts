import { sql } from "drizzle-orm";
import { boolean, index, pgTable, primaryKey, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { createdAt, jsonb, timeOrderedId, updatedAt, wordChecks } from "@/db/columns";
import { oauthProviders, tokenAuthMethods } from "@/lib/words";
import { projects } from "./projects";
import { users } from "./users";

/** An application registered at a service, with which people connect credentials to their accounts there. */
export const oauthClients = pgTable(
  "oauth_clients",
  {
    id: timeOrderedId(),
    ownerId: uuid("owner_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    name: text("name").notNull(),
    provider: text("provider", { enum: oauthProviders }).notNull(),
    clientId: text("client_id").notNull(),
    /** Envelope, see lib/domain/oauth-client/secret.ts. Null for a public client. */
    clientSecret: text("client_secret"),
    tokenAuth: text("token_auth", { enum: tokenAuthMethods }).notNull(),
    authorizationUrl: text("authorization_url").notNull(),
    tokenUrl: text("token_url").notNull(),
    /** What is asked for, with blanks between. */
    scopes: text("scopes").notNull(),
    /** What else stands in the address of the consent page. */
    parameters: jsonb("parameters").$type<Record<string, string>>().notNull(),
    /** Everybody may connect with it: the operator says so. */
    isGlobal: boolean("is_global").notNull().default(false),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [
    uniqueIndex("oauth_clients_owner_name").on(t.ownerId, t.name), // a person's clients
    index("oauth_clients_global").on(t.id).where(sql`is_global`), // everybody's
    ...wordChecks(t.provider),
  ],
);

/** Projects whose collaborators may connect credentials with a client of one of them. */
export const projectOauthClients = pgTable(
  "project_oauth_clients",
  {
    projectId: uuid("project_id")
      .notNull()
      .references(() => projects.id, { onDelete: "cascade" }),
    oauthClientId: uuid("oauth_client_id")
      .notNull()
      .references(() => oauthClients.id, { onDelete: "cascade" }),
    createdAt: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.oauthClientId] }), // what a project's people may connect with
    index("project_oauth_clients_client").on(t.oauthClientId), // where a client is shared; deleting it
  ],
);
