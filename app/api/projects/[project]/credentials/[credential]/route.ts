import { unshareCredential } from "@/lib/domain/credential/share";
import { projectRoute } from "@/lib/http/route";

export const DELETE = projectRoute(
  { summary: "Take a credential away from the project's jobs.", permission: "project.read" },
  ({ ctx, params }) => unshareCredential(ctx, { projectCredentialId: params.credential ?? "" }),
);
