import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A system that jobs send to. It answers 200 until it is broken, and again once it is repaired. */
export type Destination = {
  url: string;
  /** Bodies that it accepted, in order. */
  accepted: unknown[];
  break(): void;
  repair(): void;
  close(): Promise<void>;
};

/** Starts a destination on a free port of this machine. */
export async function startDestination(): Promise<Destination> {
  let isBroken = false;
  const accepted: unknown[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (!isBroken) accepted.push(JSON.parse(Buffer.concat(chunks).toString() || "null"));
    response.writeHead(isBroken ? 503 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(isBroken ? { error: "closed for repairs" } : { accepted: accepted.length }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    accepted,
    break: () => {
      isBroken = true;
    },
    repair: () => {
      isBroken = false;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
