import { createCredential, createdCredential, newCredential } from "@/lib/domain/credential/create";
import { credentialSummary, listCredentials } from "@/lib/domain/credential/list";
import { credentialWarnings, warningsOf } from "@/lib/domain/credential/unknown-fields";
import { pageInput, pageOf } from "@/lib/domain/page";
import { userRoute } from "@/lib/http/route";
import { sharedRunner } from "@/lib/processes/runners";

export const GET = userRoute(
  {
    summary: "Your own credentials, without secrets.",
    scope: "read",
    query: pageInput,
    response: pageOf(credentialSummary),
  },
  ({ ctx, query }) => listCredentials(ctx, query),
);

export const POST = userRoute(
  {
    summary: "Store a credential. Only you can read it again.",
    scope: "write",
    sensitive: ["credential.create"],
    body: newCredential,
    response: createdCredential.extend({ warnings: credentialWarnings }),
    status: 201,
    errors: ["conflict"],
  },
  async ({ ctx, body }) => {
    const made = await createCredential(ctx, body);
    const warnings = await warningsOf(ctx.db, { ...made, body: body.body }, { runner: sharedRunner() });
    return { ...made, warnings };
  },
);
