import http from "node:http";
import type { AddressInfo } from "node:net";
import { NextRequest } from "next/server";
import { loadRoutes, type Route } from "@/app/api/routes";
import * as collections from "@/app/collections/[...path]/route";

export type Served = {
  url: string;
  /** Method and path of everything that was asked, in order. */
  asked: string[];
  close(): Promise<void>;
};

/** Every declared route, and OpenFn's collections, on a port of this machine, without Next: for programs that speak HTTP. */
export async function serveRoutes(): Promise<Served> {
  // Fixed words before ids, as Next chooses.
  const routes = (await loadRoutes()).sort((a, b) => holes(a.path) - holes(b.path));
  const asked: string[] = [];
  const server = http.createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    answer(routes, request).then(
      async (answered) => {
        response.writeHead(answered.status, Object.fromEntries(answered.headers));
        response.end(Buffer.from(await answered.arrayBuffer()));
      },
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const holes = (path: string) => path.split("[").length;

async function answer(routes: Route[], request: http.IncomingMessage): Promise<Response> {
  const url = new URL(request.url ?? "/", `http://${request.headers.host}`);
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  await new Promise<void>((resolve) => request.once("end", () => resolve()));
  const body = Buffer.concat(chunks);
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) if (value) headers.set(name, String(value));
  const method = request.method ?? "GET";
  const asked = new NextRequest(url, {
    method,
    headers,
    ...(body.length > 0 ? { body: new Uint8Array(body) } : {}),
  });
  const path = url.pathname.replace(/(.)\/$/, "$1");
  if (path.startsWith("/collections/")) return collections.GET(asked);
  const found = routes
    .filter((route) => route.method === method)
    .map((route) => ({ route, params: paramsOf(route.path, path) }))
    .find(({ params }) => params !== null);
  if (!found?.params) return new Response("{}", { status: 404 });
  return found.route.handler(asked, { params: Promise.resolve(found.params) });
}

/** What stands in the places of `[name]`; null when the path is another one. */
function paramsOf(pattern: string, path: string): Record<string, string> | null {
  const [wanted, given] = [pattern.split("/"), path.split("/")];
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [i, part] of wanted.entries()) {
    const value = given[i] ?? "";
    const name = /^\[(\w+)\]$/.exec(part)?.[1];
    if (name) params[name] = decodeURIComponent(value);
    else if (part !== value) return null;
  }
  return params;
}
