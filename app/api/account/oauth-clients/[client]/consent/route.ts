import { consentAddress, newConsent, startConsent } from "@/lib/domain/oauth-client/consent";
import { env, publicUrl } from "@/lib/env";
import { userRoute } from "@/lib/http/route";

export const POST = userRoute(
  {
    summary:
      "Begin to connect a credential: where to send the browser, whose answer goes to /api/account/connections.",
    scope: "browser",
    sensitive: ["credential.connect"],
    body: newConsent.omit({ oauthClientId: true }),
    response: consentAddress,
  },
  ({ ctx, params, body }) =>
    startConsent(ctx, { ...body, oauthClientId: params.client ?? "" }, publicUrl(env())),
);
