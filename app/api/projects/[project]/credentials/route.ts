import { credentialId } from "@/lib/domain/credential/delete";
import { listProjectCredentials, projectCredentialSummary } from "@/lib/domain/credential/list";
import { shareCredential } from "@/lib/domain/credential/share";
import { named } from "@/lib/domain/fields";
import { pageInput, pageOf } from "@/lib/domain/page";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary: "Credentials that the project's jobs can use.",
    scope: "read",
    permission: "project.read",
    query: pageInput,
    response: pageOf(projectCredentialSummary),
  },
  ({ ctx, query }) => listProjectCredentials(ctx, query),
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
