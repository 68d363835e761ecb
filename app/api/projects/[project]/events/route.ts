import { projectContext } from "@/lib/auth/context";
import { actorUserId } from "@/lib/domain/context";
import { holderOf } from "@/lib/domain/holder";
import { eventStream } from "@/lib/http/declaration";
import { projectRoute } from "@/lib/http/route";
import { liveHub } from "@/lib/live/shared";
import { Refusal } from "@/lib/refusal";

export const dynamic = "force-dynamic";

/** A page that hears nothing for longer asks whether there is still a connection, and says so within three seconds. */
const beatMs = 1_000;
/** The stream ends now and then, and the page connects again: a session or token that grew too old ends with it. */
const maxStreamMs = 10 * 60_000;

export const GET = projectRoute(
  {
    summary: "Streams hints (server-sent events) that messages, runs, issues or workflows changed.",
    scope: "read",
    permission: "message.read",
    response: eventStream,
  },
  async ({ ctx, request }) => {
    await liveHub().ready();
    const encoder = new TextEncoder();
    let isOver = false;
    let end = () => {
      isOver = true;
    };
    const stopHolding = liveHub().hold(holderOf(ctx), () => end());
    try {
      // Access that was taken before it was held is not told of.
      const { project } = await projectContext(request, ctx.project.id);
      if (project.deletesAt)
        throw new Refusal("not_found", "This project is being deleted: nothing changes in it any more.");
    } catch (error) {
      stopHolding();
      throw error;
    }
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        const write = (text: string) => controller.enqueue(encoder.encode(text));
        const me = actorUserId(ctx.actor);
        const stopWatching = liveHub().watch(ctx.project.id, ({ topic, ids, userId }) => {
          if (userId === undefined || userId === me) write(`data: ${JSON.stringify({ topic, ids })}\n\n`);
        });
        const beats = setInterval(() => write("event: beat\ndata:\n\n"), beatMs);
        end = () => {
          clearInterval(beats);
          clearTimeout(limit);
          stopWatching();
          stopHolding();
          try {
            controller.close();
          } catch {
            // The browser closed it first.
          }
        };
        const limit = setTimeout(end, maxStreamMs);
        request.signal.addEventListener("abort", end, { once: true });
        write("retry: 2000\n\n");
        if (isOver || request.signal.aborted) end();
      },
      cancel: () => end(),
    });
    return new Response(stream, {
      headers: {
        "content-type": "text/event-stream",
        "cache-control": "no-cache, no-transform",
        "x-accel-buffering": "no",
      },
    });
  },
);
