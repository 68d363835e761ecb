import { unshareCredential } from "@/lib/domain/credential/share";
import { noContent } from "@/lib/http/declaration";
import { projectRoute } from "@/lib/http/route";

export const DELETE = projectRoute(
  {
    summary: "Take a credential away from the project's jobs.",
    scope: "write",
    permission: "project.read",
    response: noContent,
  },
  ({ ctx, params }) => unshareCredential(ctx, { projectCredentialId: params.credential ?? "" }),
);
