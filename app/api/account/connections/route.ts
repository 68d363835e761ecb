import { operatorPolicy } from "@/lib/domain/credential/open";
import { connectCredential, connected, consentAnswer } from "@/lib/domain/oauth-client/connect";
import { env, publicUrl } from "@/lib/env";
import { userRoute } from "@/lib/http/route";

export const POST = userRoute(
  {
    summary: "Finish connecting a credential with what its service sent the browser back with.",
    scope: "browser",
    body: consentAnswer,
    response: connected,
    errors: ["conflict"],
  },
  ({ ctx, body }) =>
    connectCredential(ctx, body, {
      policy: operatorPolicy().of(ctx.actor.userId),
      origin: publicUrl(env()),
    }),
);
