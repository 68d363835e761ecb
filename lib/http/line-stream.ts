import type { z } from "zod";
import { checkedJson } from "./contract";
import type { Lines } from "./declaration";

/**
 * Answers what comes, a line each, as fast as it is read. What is wrong with the first one is still said by a status. When
 * the client goes, or the signal ends it, nothing more is asked for.
 */
export async function lineStream<S extends z.ZodType>(
  { contentType, line }: Lines<S>,
  values: AsyncGenerator<z.output<S>, void>,
  signal: AbortSignal,
): Promise<Response> {
  const encoder = new TextEncoder();
  let next: IteratorResult<z.output<S>, void> | null = await values.next();
  const stop = () => void values.return();
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = next ?? (await values.next());
        next = null;
        if (done) return controller.close();
        controller.enqueue(encoder.encode(`${checkedJson(line, value)}\n`));
      },
      cancel: stop,
    },
    { highWaterMark: 0 },
  );
  return new Response(stream, {
    headers: { "content-type": contentType, "cache-control": "no-store", "x-accel-buffering": "no" },
  });
}
