import { apiDocument, documentDeclaration } from "@/app/api/document";
import { Reply } from "@/lib/http/declaration";
import { publicRoute } from "@/lib/http/route";

export const dynamic = "force-dynamic";

export const GET = publicRoute(
  documentDeclaration,
  async (): Promise<Reply<Record<string, unknown>>> =>
    new Reply(await apiDocument(), { headers: { "cache-control": "public, max-age=60" } }),
);
