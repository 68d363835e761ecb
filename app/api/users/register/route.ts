import { z } from "zod";
import { publicRoute } from "@/lib/http/route";

/** As OpenFn's API without an extension: people register on a page. */
export const POST = publicRoute(
  {
    summary: "Registers nobody: people do on the page, or with `POST /api/auth/register`.",
    body: z.looseObject({}),
    response: z.strictObject({ error: z.literal("Not Implemented") }),
    status: 501,
    errorShape: "openfn",
  },
  async () => ({ error: "Not Implemented" as const }),
);
