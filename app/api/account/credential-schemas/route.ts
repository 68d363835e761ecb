import { credentialSchemaList, listCredentialSchemas } from "@/lib/domain/adaptor/credential-schemas";
import { userRoute } from "@/lib/http/route";
import { sharedRunner } from "@/lib/processes/runners";

export const GET = userRoute(
  { summary: "What credentials for the built adaptors hold.", scope: "read", response: credentialSchemaList },
  ({ ctx }) => listCredentialSchemas(ctx, { runner: sharedRunner() }),
);
