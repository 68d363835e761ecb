import { credentialId } from "@/lib/domain/credential/delete";
import { listProjectCredentials, projectCredentialSummary } from "@/lib/domain/credential/list";
import { listOpenfnProjectCredentials } from "@/lib/domain/credential/openfn/document";
import { shareCredential } from "@/lib/domain/credential/share";
import { named } from "@/lib/domain/fields";
import { pageInput, pageOf } from "@/lib/domain/page";
import { beside, isOpenfns } from "@/lib/http/beside";
import { credentialsAnswer } from "@/lib/http/openfn-resources";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "Credentials that the project's jobs can use. An API token gets them in OpenFn's shape, too.",
    scope: "read",
    permission: "project.read",
    query: pageInput,
    response: beside(pageOf(projectCredentialSummary), credentialsAnswer),
  },
  async ({ ctx, query, request }) => ({
    ...(await listProjectCredentials(ctx, query)),
    ...(isOpenfns({ ctx, request })
      ? { credentials: await listOpenfnProjectCredentials(ctx), errors: {} }
      : {}),
  }),
);

export const POST = projectRoute(
  {
    summary: "Let the project's jobs use one of your credentials.",
    scope: "write",
    permission: "credential.use",
    body: credentialId,
    response: named,
    status: 201,
  },
  ({ ctx, body }) => shareCredential(ctx, body),
);
