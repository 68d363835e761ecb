import { Reply } from "@/lib/http/declaration";
import { publicRoute } from "@/lib/http/route";
import { checkHealth, health } from "@/lib/processes/health";

export const dynamic = "force-dynamic";

/** 200 while messages can be accepted and run, 503 otherwise; the body says which component is why. */
export const GET = publicRoute(
  { summary: "Says how each component does.", response: health, otherStatuses: [503] },
  async () => {
    const found = await checkHealth();
    return new Reply(found, { status: found.ok ? 200 : 503, headers: { "cache-control": "no-store" } });
  },
);
