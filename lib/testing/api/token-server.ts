import http from "node:http";
import type { AddressInfo } from "node:net";

let tokenUrl = "http://127.0.0.1:9/token";

/** Where the OAuth2 client of a world fetches its tokens: nowhere, until `startTokenServer`. */
export const worldTokenUrl = (): string => tokenUrl;

/** A token server that says yes to everybody, which the environment of this process allows. Call it before `env()` is read. */
export async function startTokenServer(): Promise<() => void> {
  const server = http.createServer((request, response) => {
    request.resume();
    response
      .writeHead(200, { "content-type": "application/json" })
      .end(JSON.stringify({ access_token: "a", refresh_token: "r", token_type: "Bearer", expires_in: 3600 }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  tokenUrl = `http://127.0.0.1:${port}/token`;
  process.env.EGRESS_ALLOW = `127.0.0.1:${port}`;
  return () => {
    server.closeAllConnections();
    server.close();
  };
}
