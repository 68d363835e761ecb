import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import pg from "pg";
import { createWebSocketStream, type WebSocket, WebSocketServer } from "ws";
import { z } from "zod";

export type NeonBridge = {
  /** Where Neon's driver finds the WebSocket proxy: host:port/v2. */
  wsProxy: string;
  /** Where `neon()` posts its queries. */
  fetchEndpoint: string;
  /** How much went through, for tests that prove that it did. */
  readonly used: { connections: number; requests: number };
  /** While true, SQL over HTTP answers 503. */
  isDown: boolean;
  close(): Promise<void>;
};

/**
 * A stand-in for Neon's proxy in front of an ordinary PostgreSQL: the wire protocol in a WebSocket on /v2, SQL over
 * HTTP on /sql. Listens on loopback, on a free port unless `port` is given.
 */
export async function startNeonBridge(databaseUrl: string, { port = 0 } = {}): Promise<NeonBridge> {
  const { hostname, port: databasePort } = new URL(databaseUrl);
  const used = { connections: 0, requests: 0 };
  // Neon answers values as PostgreSQL writes them; its driver parses them by type.
  const types = { getTypeParser: () => (value: string | Buffer) => value };
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 10, types });
  pool.on("error", () => {});
  const server = createServer((request, response) => {
    used.requests++;
    if (bridge.isDown) response.writeHead(503).end("away");
    else void answer(pool, databaseUrl, request, response);
  });
  const sockets = new WebSocketServer({ server, path: "/v2", perMessageDeflate: false });
  sockets.on("connection", (socket) => {
    used.connections++;
    void forward(socket, hostname, Number(databasePort || 5432));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(port, "127.0.0.1", resolve);
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const bridge: NeonBridge = {
    wsProxy: `${host}/v2`,
    fetchEndpoint: `http://${host}/sql`,
    used,
    isDown: false,
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await pool.end();
    },
  };
  return bridge;
}

/** Bytes both ways until either side ends. */
async function forward(socket: WebSocket, host: string, port: number): Promise<void> {
  const left = createWebSocketStream(socket);
  const right = connect(port, host).setNoDelay(true);
  const end = () => {
    left.destroy();
    right.destroy();
  };
  await Promise.all([pipeline(left, right), pipeline(right, left)]).then(end, end);
}

const query = z.object({ query: z.string(), params: z.array(z.unknown()).default([]) });
const batch = z.object({ queries: z.array(query) });
type Query = z.infer<typeof query>;

async function answer(
  pool: pg.Pool,
  databaseUrl: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const send = (status: number, body: unknown) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  try {
    if (request.method !== "POST" || request.url !== "/sql") return void send(404, { message: "Not Found" });
    const { headers } = request;
    if (!isFor(databaseUrl, headers)) return void send(401, { message: "wrong connection string" });
    const body = z.union([batch, query]).parse(JSON.parse((await buffer(request)).toString()));
    send(
      200,
      "queries" in body ? { results: await runBatch(pool, body.queries, headers) } : await runOne(pool, body),
    );
  } catch (error) {
    send(400, errorBody(error));
  }
}

/** Whether user, password and database are ours. Host and port are Neon's, not ours. */
function isFor(databaseUrl: string, headers: IncomingHttpHeaders): boolean {
  const text = headers["neon-connection-string"];
  if (typeof text !== "string" || !URL.canParse(text)) return false;
  const given = new URL(text);
  const own = new URL(databaseUrl);
  return (["username", "password", "pathname"] as const).every((part) => given[part] === own[part]);
}

async function runOne(client: pg.Pool | pg.PoolClient, { query: text, params }: Query) {
  const { command, rowCount, rows, fields } = await client.query({ text, values: params, rowMode: "array" });
  return { command, rowCount, rows, fields, rowAsArray: true };
}

const isolationLevels: Record<string, string> = {
  ReadUncommitted: "read uncommitted",
  ReadCommitted: "read committed",
  RepeatableRead: "repeatable read",
  Serializable: "serializable",
};

/** All queries in one transaction, as `neon-batch-*` headers ask for it. */
async function runBatch(pool: pg.Pool, queries: Query[], headers: IncomingHttpHeaders) {
  const level = isolationLevels[String(headers["neon-batch-isolation-level"])];
  const modes = [
    level && `isolation level ${level}`,
    headers["neon-batch-read-only"] === "true" && "read only",
    headers["neon-batch-deferrable"] === "true" && "deferrable",
  ];
  const client = await pool.connect();
  try {
    await client.query(`begin ${modes.filter(Boolean).join(" ")}`);
    const results: Awaited<ReturnType<typeof runOne>>[] = [];
    for (const one of queries) results.push(await runOne(client, one));
    await client.query("commit");
    return results;
  } catch (error) {
    await client.query("rollback").catch(() => {});
    throw error;
  } finally {
    client.release();
  }
}

/** PostgreSQL's error fields as Neon sends them; its driver makes a NeonDbError of them. */
const errorFields =
  "severity code detail hint position internalPosition internalQuery where schema table column dataType constraint file line routine".split(
    " ",
  );
function errorBody(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: String(error) };
  const fields = Object.entries(error).filter(([name]) => errorFields.includes(name));
  return { message: error.message, ...Object.fromEntries(fields) };
}
