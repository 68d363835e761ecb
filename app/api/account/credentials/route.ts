import { createCredential, createdCredential, newCredential } from "@/lib/domain/credential/create";
import { credentialSummary, listCredentials } from "@/lib/domain/credential/list";
import { pageInput, pageOf } from "@/lib/domain/page";
import { userRoute } from "@/lib/http/route";

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
    response: createdCredential,
    status: 201,
    errors: ["conflict"],
  },
  ({ ctx, body }) => createCredential(ctx, body),
);
