import {
  endOldSecret,
  liveSecrets,
  oldSecretEnd,
  replacedSecret,
  replaceSecret,
} from "@/lib/domain/auth-method/replace-secret";
import { authMethodSecret, revealAuthMethod } from "@/lib/domain/auth-method/reveal";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "The secret of an authentication method. Each reading is audited.",
    scope: "browser",
    sensitive: ["auth_method.reveal"],
    permission: "auth_method.manage",
    response: authMethodSecret,
  },
  ({ ctx, params }) => revealAuthMethod(ctx, { authMethodId: params.method ?? "" }),
);

export const PUT = projectRoute(
  {
    summary:
      "Give an authentication method another secret. The present one counts too until the moment that is named.",
    scope: "write",
    sensitive: ["auth_method.replace"],
    permission: "auth_method.manage",
    body: replacedSecret.omit({ authMethodId: true }),
    response: liveSecrets,
    errors: ["conflict"],
  },
  ({ ctx, params, body }) => replaceSecret(ctx, { ...body, authMethodId: params.method ?? "" }),
);

export const PATCH = projectRoute(
  {
    summary: "Change when the secret before the present one ends; null: now.",
    scope: "write",
    permission: "auth_method.manage",
    body: oldSecretEnd.omit({ authMethodId: true }),
    response: liveSecrets,
    errors: ["conflict"],
  },
  ({ ctx, params, body }) => endOldSecret(ctx, { ...body, authMethodId: params.method ?? "" }),
);
