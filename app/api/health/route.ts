import { publicRoute } from "@/lib/http/route";
import { checkHealth } from "@/lib/processes/health";

export const dynamic = "force-dynamic";

/** 200 while messages can be accepted and run, 503 otherwise; the body says which component is why. */
export const GET = publicRoute({ summary: "Says how each component does." }, async () => {
  const health = await checkHealth();
  return Response.json(health, { status: health.ok ? 200 : 503, headers: { "cache-control": "no-store" } });
});
