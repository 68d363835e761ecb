import { listCredentialSchemas } from "@/lib/domain/adaptor/credential-schemas";
import { sharedRunner } from "@/lib/domain/workflow/runner-adaptors";
import { userRoute } from "@/lib/http/route";

export const GET = userRoute({ summary: "What credentials for the built adaptors hold." }, ({ ctx }) =>
  listCredentialSchemas(ctx, { runner: sharedRunner() }),
);
