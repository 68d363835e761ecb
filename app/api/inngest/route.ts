import { serve } from "inngest/next";
import { engineMode, inngest } from "@/inngest/client";
import { env } from "@/lib/env";

export const dynamic = "force-dynamic";

type Handlers = ReturnType<typeof serve>;
type Method = "GET" | "POST" | "PUT";

let handlers: Promise<Handlers> | undefined;

async function load(): Promise<Handlers> {
  const { functions } = await import("@/inngest/functions");
  return serve({ client: inngest, functions, enableUnauthedSync: false });
}

/** A real Inngest calls the functions here. The embedded engine calls them in its own process, so nobody may call here. */
const answer =
  (method: Method): Handlers[Method] =>
  async (request, context) => {
    if (engineMode(env()) === "embedded") return Response.json({ message: "Unauthorized" }, { status: 401 });
    handlers ??= load();
    return (await handlers)[method](request, context);
  };

export const GET = answer("GET");
export const POST = answer("POST");
export const PUT = answer("PUT");
