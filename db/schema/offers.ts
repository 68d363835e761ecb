import { index, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { createdAt, instant, timeOrderedId } from "@/db/columns";
import { oauthClients } from "./oauth";
import { projects } from "./projects";
import { users } from "./users";
import { credentials } from "./workflows";

/** A credential that its owner wants to be somebody else's, until that one accepts or declines. */
export const credentialTransfers = pgTable(
  "credential_transfers",
  {
    id: timeOrderedId(),
    credentialId: uuid("credential_id")
      .notNull()
      .references(() => credentials.id, { onDelete: "cascade" }),
    fromId: uuid("from_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    toId: uuid("to_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    expiresAt: instant("expires_at").notNull(),
    createdAt: createdAt(),
  },
  (t) => [
    uniqueIndex("credential_transfers_credential").on(t.credentialId), // one at a time
    index("credential_transfers_to").on(t.toId, t.id), // what somebody is offered
    index("credential_transfers_from").on(t.fromId), // deleting a user
  ],
);

/** Somebody is at a service's consent page: what is to become of its answer, which comes once or never. */
export const oauthConsents = pgTable(
  "oauth_consents",
  {
    /** SHA-256 of the `state` that the service sends back. */
    stateHash: text("state_hash").primaryKey(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    oauthClientId: uuid("oauth_client_id")
      .notNull()
      .references(() => oauthClients.id, { onDelete: "cascade" }),
    /** The credential that is connected again; null for a new one, of this name. */
    credentialId: uuid("credential_id").references(() => credentials.id, { onDelete: "cascade" }),
    name: text("name").notNull(),
    /** A new one is shared with it. */
    projectId: uuid("project_id").references(() => projects.id, { onDelete: "cascade" }),
    /** PKCE's, in an envelope. */
    verifier: text("verifier").notNull(),
    expiresAt: instant("expires_at").notNull(),
  },
  (t) => [
    index("oauth_consents_user").on(t.userId), // how many somebody has begun; deleting a user
    index("oauth_consents_client").on(t.oauthClientId), // deleting a client
    index("oauth_consents_credential").on(t.credentialId), // deleting a credential
    index("oauth_consents_project").on(t.projectId), // deleting a project
  ],
);
