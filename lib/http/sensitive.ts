import type { ApiPath, Method } from "./api-methods";

type Act = {
  /** What it is, after "to". */
  does: string;
  /** The routes that declare it; a test holds both to each other. */
  routes: readonly `${Method} ${ApiPath}`[];
  /** An API token with the route's scope may do it too: it cannot prove that a person is there. */
  token: boolean;
};

/**
 * Everything that asks its person to have signed in recently: what gives a secret away, lets somebody in, or cannot be
 * taken back. A route names the act in its declaration, which is what enforces it.
 */
export const sensitiveActs = {
  "account.delete": { does: "delete your account", routes: ["DELETE /api/account"], token: false },
  "account.password": { does: "change your password", routes: ["PUT /api/account/password"], token: false },
  "second_factor.set_up": {
    does: "set up a second factor",
    routes: ["POST /api/account/second-factor", "POST /api/account/second-factor/confirm"],
    token: false,
  },
  "second_factor.remove": {
    does: "turn the second factor off",
    routes: ["DELETE /api/account/second-factor"],
    token: false,
  },
  "second_factor.renew_backup_codes": {
    does: "make new backup codes",
    routes: ["POST /api/account/second-factor/backup-codes"],
    token: false,
  },
  "token.create": { does: "make an API token", routes: ["POST /api/account/tokens"], token: false },
  "project_token.create": {
    does: "make a repository's token",
    routes: ["POST /api/projects/[project]/tokens"],
    token: false,
  },
  "credential.create": {
    does: "store a credential",
    routes: ["POST /api/account/credentials"],
    token: true,
  },
  "credential.read": {
    does: "see the secret of a credential",
    routes: [
      "GET /api/account/credentials/[credential]",
      "GET /api/account/credentials/[credential]/environments/[env]",
    ],
    token: false,
  },
  "credential.replace": {
    does: "replace the secret of a credential",
    routes: [
      "PATCH /api/account/credentials/[credential]",
      "PUT /api/account/credentials/[credential]/environments/[env]",
    ],
    token: true,
  },
  "credential.hosts": {
    does: "change where a credential may be sent",
    routes: [
      "PATCH /api/account/credentials/[credential]",
      "PUT /api/account/credentials/[credential]/environments/[env]",
    ],
    token: false,
  },
  "credential.connect": {
    does: "connect a credential",
    routes: ["POST /api/account/oauth-clients/[client]/consent"],
    token: false,
  },
  "oauth_client.create": {
    does: "store an OAuth2 client",
    routes: ["POST /api/account/oauth-clients"],
    token: true,
  },
  "oauth_client.update": {
    does: "change an OAuth2 client",
    routes: ["PATCH /api/account/oauth-clients/[client]"],
    token: true,
  },
  "credential.transfer": {
    does: "hand a credential over",
    routes: ["POST /api/account/credential-transfers"],
    token: false,
  },
  "auth_method.create": {
    does: "make a key for senders",
    routes: ["POST /api/projects/[project]/auth-methods"],
    token: true,
  },
  "auth_method.replace": {
    does: "replace the key of a sender",
    routes: ["PUT /api/projects/[project]/auth-methods/[method]/secret"],
    token: true,
  },
  "auth_method.reveal": {
    does: "see the key of a sender",
    routes: ["GET /api/projects/[project]/auth-methods/[method]/secret"],
    token: false,
  },
  "project.second_factor": {
    does: "change whether a second factor is needed",
    routes: ["PATCH /api/projects/[project]"],
    token: false,
  },
  "project.retention": {
    does: "change for how long a project keeps what",
    routes: ["PUT /api/projects/[project]/retention"],
    token: true,
  },
  "project.delete": { does: "delete a project", routes: ["DELETE /api/projects/[project]"], token: false },
  "project.transfer": {
    does: "hand a project over",
    routes: ["PUT /api/projects/[project]/owner"],
    token: false,
  },
  "member.make_admin": {
    does: "make somebody an admin",
    routes: ["PATCH /api/projects/[project]/members/[user]"],
    token: true,
  },
  "invitation.admin": {
    does: "invite an admin",
    routes: ["POST /api/projects/[project]/invitations"],
    token: true,
  },
  "person.wipe": {
    does: "wipe a person's data",
    routes: ["POST /api/projects/[project]/persons/[person]/wipe"],
    token: true,
  },
} as const satisfies Record<string, Act>;

export type SensitiveAct = keyof typeof sensitiveActs;

/** The minutes for which a sign-in is recent. */
export const recentMinutes = 10;
