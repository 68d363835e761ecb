import { eventStream } from "@/lib/http/declaration";
import { projectRoute } from "@/lib/http/route";
import { liveHub } from "@/lib/live/shared";

export const dynamic = "force-dynamic";

const pulseMs = 20_000;
/** The stream ends now and then, and the page connects again: a membership that was taken away ends with it. */
const maxStreamMs = 10 * 60_000;

export const GET = projectRoute(
  {
    summary: "Streams hints (server-sent events) that messages or runs changed.",
    scope: "read",
    permission: "message.read",
    response: eventStream,
  },
  async ({ ctx, request }) => {
    await liveHub().ready();
    const encoder = new TextEncoder();
    let end = () => {};
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        const write = (text: string) => controller.enqueue(encoder.encode(text));
        const stopWatching = liveHub().watch(ctx.project.id, ({ topic, ids }) =>
          write(`data: ${JSON.stringify({ topic, ids })}\n\n`),
        );
        const pulse = setInterval(() => write(": \n\n"), pulseMs);
        end = () => {
          clearInterval(pulse);
          clearTimeout(limit);
          stopWatching();
          try {
            controller.close();
          } catch {
            // The browser closed it first.
          }
        };
        const limit = setTimeout(end, maxStreamMs);
        request.signal.addEventListener("abort", end, { once: true });
        write("retry: 2000\n\n");
        if (request.signal.aborted) end();
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
