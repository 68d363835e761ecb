import dgram from "node:dgram";
import { isIPv4 } from "node:net";

export type NameServer = {
  /** For `Names`. */
  address: string;
  /** Names that were asked for, one entry a question. */
  asked: string[];
  /** What names have; one that is not here does not exist, and one of `dead.test` is never answered. */
  names: Map<string, string[]>;
  close(): Promise<void>;
};

const typeA = 1;
const typeAaaa = 28;
const ttlSeconds = 60;

/** The name and type of a query's question, and where it ends. */
function question(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.subarray(at + 1, at + 1 + length).toString("latin1"));
    at += 1 + length;
  }
  return { name: labels.join(".").toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

const bytesOf = (address: string): Buffer =>
  isIPv4(address)
    ? Buffer.from(address.split(".").map(Number))
    : Buffer.from(
        address
          .split(":")
          .map((word) => word.padStart(4, "0"))
          .join(""),
        "hex",
      );

function record(type: number, address: string): Buffer {
  const data = bytesOf(address);
  const head = Buffer.alloc(12);
  // A pointer to the question's name.
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(ttlSeconds, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

/** The answer to a query; addresses of IPv6 are written in full. */
function answer(query: Buffer, known: string[] | undefined): Buffer {
  const { type, end } = question(query);
  const found = (known ?? []).filter((address) => (isIPv4(address) ? typeA : typeAaaa) === type);
  const head = Buffer.from(query.subarray(0, 12));
  head.writeUInt16BE(known ? 0x8180 : 0x8183, 2);
  head.writeUInt16BE(found.length, 6);
  head.writeUInt32BE(0, 8);
  return Buffer.concat([head, query.subarray(12, end), ...found.map((address) => record(type, address))]);
}

/** A name server over UDP on this machine. */
export async function nameServer(): Promise<NameServer> {
  const socket = dgram.createSocket("udp4");
  const asked: string[] = [];
  const names = new Map<string, string[]>();
  socket.on("message", (query, { address, port }) => {
    const { name } = question(query);
    asked.push(name);
    if (!name.endsWith("dead.test")) socket.send(answer(query, names.get(name)), port, address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return {
    address: `127.0.0.1:${socket.address().port}`,
    asked,
    names,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}
