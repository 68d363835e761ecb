import { createServer } from "node:http";
import { barePool } from "@/db/client";

/**
 * What accepting could cost at best on this machine: node:http and one insert of the body. Runs in a process of its own
 * and tells its parent the port.
 */
export async function serveBare(databaseUrl: string): Promise<void> {
  const pool = barePool(databaseUrl, 10);
  await pool.query(
    "create table if not exists bench_bare (id uuid primary key default gen_random_uuid(), headers jsonb, body bytea, at timestamptz default now())",
  );
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      pool
        .query({
          name: "bare",
          text: "insert into bench_bare (headers, body) values ($1, $2) returning id",
          values: [JSON.stringify(request.headers), Buffer.concat(chunks)],
        })
        .then(
          ({ rows }) =>
            response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(rows[0])),
          () => response.writeHead(500).end(),
        );
    });
  });
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    process.send?.({ port: typeof address === "object" ? address?.port : 0 });
  });
}
