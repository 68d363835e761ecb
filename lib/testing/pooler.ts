import { randomInt } from "node:crypto";
import { type AddressInfo, createServer, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import pg from "pg";

export type Pooler = { url: string; close(): Promise<void> };

/**
 * A stand-in for PgBouncer in transaction mode, as it was before it knew prepared statements: clients log in to the pooler
 * itself, and each transaction is carried out by the connection to the server that has rested longest. So hardly ever are two
 * of a client's carried out by the same one. Loopback only; asks for no password.
 */
export async function startPooler(databaseUrl: string, { size = 3 } = {}): Promise<Pooler> {
  const free: Server[] = [];
  const waiting: ((server: Server) => void)[] = [];
  const all = new Set<Server>();
  const sockets = new Set<Socket>();
  const give = (server: Server) => {
    const next = waiting.shift();
    if (next) next(server);
    else free.push(server);
  };
  const take = () => {
    const server = free.shift();
    return server ? Promise.resolve(server) : new Promise<Server>((resolve) => waiting.push(resolve));
  };
  const add = async () => {
    const server = await connectServer(databaseUrl);
    all.add(server);
    give(server);
  };
  for (let i = 0; i < size; i++) await add();
  const listener = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    serve(socket, {
      take,
      give,
      // What a client leaves in the middle of a transaction is no use to the next one.
      replace: (server) => {
        all.delete(server);
        server.socket.destroy();
        void add().catch(() => {});
      },
    });
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const url = new URL(databaseUrl);
  url.hostname = "127.0.0.1";
  url.port = String((listener.address() as AddressInfo).port);
  return {
    url: url.href,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => listener.close(resolve));
      for (const { socket } of all) socket.destroy();
    },
  };
}

/** A logged-in connection to the server; `hear` gets its messages. */
type Server = { socket: Duplex; hear: (message: Buffer) => void };
type Pool = { take(): Promise<Server>; give(server: Server): void; replace(server: Server): void };

/** Logs in through the driver, then takes its socket over. */
async function connectServer(url: string): Promise<Server> {
  const client = new pg.Client({ connectionString: url, application_name: "pooler" });
  client.on("error", () => {});
  await client.connect();
  const socket = client.connection.stream;
  socket.removeAllListeners("data");
  const server: Server = { socket, hear: () => {} };
  const read = messages((message) => server.hear(message));
  socket.on("data", read);
  socket.on("error", () => {});
  return server;
}

/** Calls back for each whole message: one letter, four bytes of length, the rest. */
function messages(onMessage: (message: Buffer) => void): (chunk: Buffer) => void {
  let kept: Buffer = Buffer.alloc(0);
  return (chunk) => {
    kept = kept.length > 0 ? Buffer.concat([kept, chunk]) : chunk;
    while (kept.length >= 5 && kept.length >= 1 + kept.readInt32BE(1)) {
      const end = 1 + kept.readInt32BE(1);
      onMessage(kept.subarray(0, end));
      kept = kept.subarray(end);
    }
  };
}

const message = (type: string, body: Buffer): Buffer => {
  const head = Buffer.alloc(5);
  head.write(type, 0, "latin1");
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
};
const status = (name: string, value: string) => message("S", Buffer.from(`${name}\0${value}\0`));
const codes = { ssl: 80877103, gss: 80877104, cancel: 80877102 };

/** What a client is told when it logs in: that it is welcome, and a number that is no process of the server. */
function welcome(): Buffer {
  const key = Buffer.alloc(8);
  key.writeInt32BE(randomInt(2 ** 31), 0);
  return Buffer.concat([
    message("R", Buffer.alloc(4)),
    status("server_version", "18.0"),
    status("client_encoding", "UTF8"),
    status("DateStyle", "ISO, MDY"),
    status("integer_datetimes", "on"),
    status("standard_conforming_strings", "on"),
    message("K", key),
    message("Z", Buffer.from("I")),
  ]);
}

function serve(socket: Socket, pool: Pool): void {
  let isLoggedIn = false;
  let server: Server | undefined;
  let isAsking = false;
  let unanswered = 0;
  let isGone = false;
  const waiting: Buffer[] = [];

  const flush = () => {
    if (!server) return;
    for (const one of waiting.splice(0)) server.socket.write(one);
  };
  const attach = (taken: Server) => {
    isAsking = false;
    if (isGone) return pool.give(taken);
    server = taken;
    taken.hear = (answer) => {
      socket.write(answer);
      // Ready, and in no transaction.
      if (answer[0] !== 90 || --unanswered > 0 || answer[5] !== 73) return;
      server = undefined;
      taken.hear = () => {};
      pool.give(taken);
    };
    flush();
  };
  const read = messages((asked) => {
    const type = String.fromCharCode(asked[0] ?? 0);
    if (type === "X") return void socket.end();
    if (type === "Q" || type === "S" || type === "F") unanswered++;
    waiting.push(Buffer.from(asked));
    if (server) return flush();
    if (isAsking) return;
    isAsking = true;
    void pool.take().then(attach);
  });
  const logIn = (chunk: Buffer) => {
    const code = chunk.readInt32BE(4);
    if (code === codes.ssl || code === codes.gss) return void socket.write("N");
    if (code === codes.cancel) return void socket.end();
    isLoggedIn = true;
    socket.write(welcome());
  };
  socket.on("data", (chunk: Buffer) => (isLoggedIn ? read(chunk) : logIn(chunk)));
  socket.on("error", () => {});
  socket.on("close", () => {
    isGone = true;
    if (server) pool.replace(server);
    server = undefined;
  });
}
