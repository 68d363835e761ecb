import { Buffer } from "node:buffer";
import { connectionId, frameType } from "@/lib/runner/protocol/frames";
import type { NameRecord, NetEvent, NetRequest } from "@/lib/runner/protocol/messages";
import { coded } from "@/lib/runner/worker/builtin";
import { send, sendJson } from "@/lib/runner/worker/transport";

/** What a socket of the worker is told about its connection in the runner. */
export type ConnectionEnd = {
  onOpen(address: string): void;
  onError(error: Error): void;
  onData(bytes: Buffer): void;
  onEnd(): void;
  onClose(): void;
  onCredit(bytes: number): void;
};

const ends = new Map<number, ConnectionEnd & { destroy(): void }>();
const lookups = new Map<
  number,
  { host: string; resolve(answer: unknown[]): void; reject(error: Error): void }
>();
let lastId = 0;

export const request = (message: NetRequest): void => sendJson(frameType.netRequest, message);

/** Asks the runner for a connection. Returns its id; the rest comes as events. */
export function openConnection(end: ConnectionEnd & { destroy(): void }, host: string, port: number): number {
  lastId += 1;
  ends.set(lastId, end);
  request({ kind: "open", id: lastId, host, port });
  return lastId;
}

export function closeConnection(id: number): void {
  if (ends.delete(id)) request({ kind: "close", id });
}

export function sendData(id: number, bytes: Uint8Array): void {
  send(frameType.netOut, connectionId(id), bytes);
}

export function queryNames(host: string, record: NameRecord): Promise<unknown[]> {
  lastId += 1;
  const id = lastId;
  return new Promise((resolve, reject) => {
    lookups.set(id, { host, resolve, reject });
    request({ kind: "names", id, host, record });
  });
}

export function deliverData(id: number, bytes: Buffer): void {
  ends.get(id)?.onData(Buffer.from(bytes));
}

export function deliverEvent(event: NetEvent): void {
  if (event.kind === "names" || event.kind === "namesError") {
    const lookup = lookups.get(event.id);
    lookups.delete(event.id);
    if (event.kind === "names") lookup?.resolve(event.answer);
    else lookup?.reject(coded(event.code, event.message, { hostname: lookup.host, syscall: "getaddrinfo" }));
    return;
  }
  const end = ends.get(event.id);
  if (!end) return;
  if (event.kind === "open") end.onOpen(event.address);
  else if (event.kind === "credit") end.onCredit(event.bytes);
  else if (event.kind === "end") end.onEnd();
  else {
    ends.delete(event.id);
    if (event.kind === "close") end.onClose();
    else end.onError(coded(event.code, event.message, { syscall: "connect", address: event.address }));
  }
}

/** Ends whatever a step left open. */
export function closeAll(): void {
  for (const end of [...ends.values()]) end.destroy();
  ends.clear();
  lookups.clear();
}
