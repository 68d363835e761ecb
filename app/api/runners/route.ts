import { database } from "@/db/client";
import { registerRunner, runnerRegistration } from "@/lib/domain/runner/register";
import { env } from "@/lib/env";
import { noContent } from "@/lib/http/declaration";
import { publicRoute } from "@/lib/http/route";

export const POST = publicRoute(
  {
    summary:
      "For job runners, which make themselves known here (RUNNER_REGISTER_AT). What they say is sealed with the installation's token.",
    body: runnerRegistration,
    response: noContent,
    errors: ["unauthenticated"],
  },
  ({ body }) => {
    const { RUNNER_TOKEN: token, RUNNER_ALLOW_PLAIN: allowPlain } = env();
    return registerRunner({ db: database().db, token, allowPlain, now: Date.now }, body);
  },
);
