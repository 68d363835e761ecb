import { holderOf } from "@/lib/domain/holder";
import { searchInbox, searchInput, searchPart } from "@/lib/domain/message/stream";
import { lines } from "@/lib/http/declaration";
import { lineStream } from "@/lib/http/line-stream";
import { projectRoute } from "@/lib/http/route";
import { liveHub } from "@/lib/live/shared";

export const dynamic = "force-dynamic";

const parts = lines(searchPart);

export const GET = projectRoute(
  {
    summary:
      "Looks through the inbox for a text, newest first, and says what it finds and how far back it has come.",
    scope: "read",
    permission: "message.read",
    query: searchInput,
    response: parts,
  },
  async ({ ctx, query, request }) => {
    const access = new AbortController();
    const stopHolding = liveHub().hold(holderOf(ctx), () => access.abort());
    const signal = AbortSignal.any([request.signal, access.signal]);
    async function* held() {
      try {
        yield* searchInbox(ctx, query, signal);
      } finally {
        stopHolding();
      }
    }
    return lineStream(parts, held(), signal);
  },
);
