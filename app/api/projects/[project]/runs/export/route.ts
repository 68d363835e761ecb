import { z } from "zod";
import { exportRuns } from "@/lib/domain/run/export";
import { runFilter } from "@/lib/domain/run/list";
import { download } from "@/lib/http/declaration";
import { projectRoute } from "@/lib/http/route";

export const GET = projectRoute(
  {
    summary:
      "Downloads the activity history under a filter as CSV, newest first: 10,000 runs a file, and the cursor of the next in x-next-cursor.",
    scope: "read",
    permission: "run.read",
    query: runFilter.extend({ cursor: z.uuid().optional() }),
    response: download("text/csv"),
  },
  async ({ ctx, query }) => {
    const { csv, nextCursor } = await exportRuns(ctx, query);
    return new Response(csv, {
      headers: {
        "content-type": "text/csv; charset=utf-8",
        "content-disposition": `attachment; filename="runs-${new Date().toISOString().slice(0, 10)}.csv"`,
        "x-content-type-options": "nosniff",
        ...(nextCursor ? { "x-next-cursor": nextCursor } : {}),
      },
    });
  },
);
