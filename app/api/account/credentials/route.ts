import { createCredential, newCredential } from "@/lib/domain/credential/create";
import { listCredentials } from "@/lib/domain/credential/list";
import { pageInput } from "@/lib/domain/page";
import { userRoute } from "@/lib/http/route";

export const GET = userRoute(
  { summary: "Your own credentials, without secrets.", query: pageInput },
  ({ ctx, query }) => listCredentials(ctx, query),
);

export const POST = userRoute(
  { summary: "Store a credential. Only you can read it again.", body: newCredential, status: 201 },
  ({ ctx, body }) => createCredential(ctx, body),
);
