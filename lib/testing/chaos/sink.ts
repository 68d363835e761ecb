import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { z } from "zod";

const effect = z.object({ n: z.number().nullable(), job: z.string(), execution: z.string() });
/** One request that a job made: for which message, by which job, in which execution of its code. */
export type Effect = z.infer<typeof effect>;

export type Sink = { url: string; place: string; effects: Effect[]; close(): void };

/** The system that jobs write to. It answers at once and remembers everything. */
export async function startSink(host: string): Promise<Sink> {
  const effects: Effect[] = [];
  const server = createServer(async (request, response) => {
    try {
      effects.push(effect.parse(await json(request)));
      response.writeHead(200, { "content-type": "application/json" }).end('{"ok":true}');
    } catch {
      response.writeHead(400).end();
    }
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${port}/effects`,
    place: `${host}:${port}`,
    effects,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
