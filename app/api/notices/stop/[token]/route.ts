import { database } from "@/db/client";
import { startByLink, stopByLink, stopped } from "@/lib/domain/notice/stop/answer";
import { download } from "@/lib/http/declaration";
import { publicRoute } from "@/lib/http/route";

export const GET = publicRoute(
  {
    summary: "Leads to the page that says what a mail's link would stop. Nothing is stopped by looking.",
    response: download("text/plain"),
    status: 303,
  },
  async ({ params }) => {
    const location = `/n/stop/${encodeURIComponent(params.token ?? "")}`;
    return new Response(location, { status: 303, headers: { location, "content-type": "text/plain" } });
  },
);

export const POST = publicRoute(
  {
    summary: "Stop what the link in a mail is about, without signing in (RFC 8058, one click).",
    response: stopped,
    errors: ["not_found"],
  },
  ({ params }) => stopByLink(database().db, params.token ?? ""),
);

export const DELETE = publicRoute(
  {
    summary: "Let what the link in a mail has stopped begin again.",
    response: stopped,
    errors: ["not_found"],
  },
  ({ params }) => startByLink(database().db, params.token ?? ""),
);
