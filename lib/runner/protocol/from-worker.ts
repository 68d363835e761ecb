import type { Buffer } from "node:buffer";
import type { WouldBeRequest } from "@/lib/runner/contract";
import type { LogLevel } from "@/lib/words";
import { logLevels } from "@/lib/words";
import { frameType, ProtocolError, splitHeaded } from "./frames";
import {
  type BegunMessage,
  type DescribedError,
  type DoneHeader,
  type EvaluatedMessage,
  type LogMessage,
  maxDataBytes,
  maxLogMessageChars,
  type NameRecord,
  type NetRequest,
  nameRecords,
  type ReadyMessage,
  type RestedMessage,
  type StrayMessage,
} from "./messages";

/** Everything in this file reads what a hostile process wrote. Anything unexpected throws ProtocolError. */
const kb = 1024;
const inspectionBytes = 64 * kb * kb;

/** Longest payload per type. `maxStateBytes` bounds the result, `inspecting` admits code caches. */
export function maxPayloadFromWorker(
  type: number,
  maxStateBytes: number,
  inspecting: boolean,
): number | null {
  switch (type) {
    case frameType.ready:
      return inspecting ? inspectionBytes : 256 * kb;
    case frameType.log:
      return 4 * maxLogMessageChars + 4 * kb;
    case frameType.done:
      return maxStateBytes + 2048 * kb;
    case frameType.netRequest:
      return 4 * kb;
    case frameType.netOut:
      return maxDataBytes + 4;
    case frameType.evaluated:
      return 1024 * kb;
    case frameType.crash:
      return 256 * kb;
    case frameType.begun:
    case frameType.rested:
    case frameType.stray:
      return kb;
    default:
      return null;
  }
}

type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function parseFields(bytes: Buffer): Fields {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString());
  } catch {
    throw new ProtocolError("a message is not JSON");
  }
  if (!isFields(value)) throw new ProtocolError("a message is not an object");
  return value;
}

function text(fields: Fields, key: string, maxChars: number): string {
  const value = fields[key];
  if (typeof value !== "string" || value.length > maxChars) throw new ProtocolError(`${key} is not a text`);
  return value;
}

function integer(fields: Fields, key: string, min: number, max: number): number {
  const value = fields[key];
  if (typeof value !== "number" || !Number.isInteger(value) || value < min || value > max) {
    throw new ProtocolError(`${key} is not a number in range`);
  }
  return value;
}

const u32 = (fields: Fields, key: string): number => integer(fields, key, 0, 0xffff_ffff);
const maxErrorChars = 9000;

function describedError(value: unknown): DescribedError {
  if (!isFields(value)) throw new ProtocolError("an error is not an object");
  const phases = ["load", "body", "operations", "result", "async"] as const;
  const phase = phases.find((known) => known === value.phase);
  if (!phase) throw new ProtocolError("an error has no phase");
  return {
    name: text(value, "name", maxErrorChars),
    constructorName: text(value, "constructorName", maxErrorChars),
    message: text(value, "message", maxErrorChars),
    stack: text(value, "stack", maxErrorChars),
    phase,
    operation: integer(value, "operation", -1, 0xffff_ffff),
    ...(value.details === undefined ? {} : { details: value.details }),
    ...(typeof value.hint === "string" ? { hint: value.hint.slice(0, 1000) } : {}),
  };
}

const optionalError = (value: unknown): DescribedError | null =>
  value === null ? null : describedError(value);

export function parseReady(payload: Buffer): ReadyMessage {
  const fields = parseFields(payload);
  const { exports, caches } = fields;
  const names = Array.isArray(exports)
    ? exports.filter((name): name is string => typeof name === "string")
    : null;
  const texts = isFields(caches)
    ? Object.fromEntries(
        Object.entries(caches).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
      )
    : null;
  return { error: optionalError(fields.error), exports: names, caches: texts };
}

export type CheckedLog = Omit<LogMessage, "level"> & { level: LogLevel };

export function parseLog(payload: Buffer): CheckedLog {
  const fields = parseFields(payload);
  const level = logLevels.find((known) => known === fields.level);
  if (!level || (fields.source !== "JOB" && fields.source !== "ADA"))
    throw new ProtocolError("a log line is malformed");
  const at = typeof fields.at === "number" ? fields.at : 0;
  const message = text(fields, "message", maxLogMessageChars + 100);
  return { token: u32(fields, "token"), level, source: fields.source, at, message };
}

const maxRequests = 1000;

function recordedRequests(value: unknown): WouldBeRequest[] {
  if (!Array.isArray(value) || value.length > maxRequests) throw new ProtocolError("requests are malformed");
  return value.map((item: unknown) => {
    if (!isFields(item)) throw new ProtocolError("a request is not an object");
    const headers = isFields(item.headers) ? item.headers : {};
    return {
      host: text(item, "host", 300),
      port: integer(item, "port", 0, 65_535),
      secure: item.secure === true,
      method: text(item, "method", 100),
      path: text(item, "path", 16 * kb),
      headers: Object.fromEntries(Object.entries(headers).map(([key, entry]) => [key, String(entry)])),
      body: text(item, "body", 1024 * kb),
    };
  });
}

/** The header of a DONE frame and the state's JSON text after it. */
export function parseDone(payload: Buffer): DoneHeader & { text: string } {
  const { header, body } = splitHeaded(payload);
  const fields = parseFields(header);
  const durationMs = typeof fields.durationMs === "number" && fields.durationMs >= 0 ? fields.durationMs : 0;
  const error = optionalError(fields.error);
  const ok = fields.ok === true && error === null;
  if (!ok && error === null) throw new ProtocolError("a failure without an error");
  const requests = recordedRequests(fields.requests);
  return { token: u32(fields, "token"), ok, durationMs, error, requests, text: body.toString() };
}

export function parseEvaluated(payload: Buffer): EvaluatedMessage {
  const fields = parseFields(payload);
  if (!isFields(fields.results)) throw new ProtocolError("results are missing");
  const results = Object.entries(fields.results).map(
    ([id, value]): [string, boolean | { name: string; message: string }] => {
      if (typeof value === "boolean") return [id, value];
      if (!isFields(value)) throw new ProtocolError("a condition has no result");
      return [
        id,
        { name: text(value, "name", maxErrorChars), message: text(value, "message", maxErrorChars) },
      ];
    },
  );
  return { token: u32(fields, "token"), results: Object.fromEntries(results) };
}

export const parseBegun = (payload: Buffer): BegunMessage => ({ token: u32(parseFields(payload), "token") });

export const parseRested = (payload: Buffer): RestedMessage => ({
  token: u32(parseFields(payload), "token"),
});

export const parseStray = (payload: Buffer): StrayMessage => ({
  isOver: parseFields(payload).isOver === true,
});

export const parseCrash = (payload: Buffer): DescribedError => describedError(parseFields(payload));

export function parseNetRequest(payload: Buffer): NetRequest {
  const fields = parseFields(payload);
  const id = integer(fields, "id", 1, 0xffff_ffff);
  switch (fields.kind) {
    case "open":
      return { kind: "open", id, host: text(fields, "host", 1000), port: portOf(fields.port) };
    case "names": {
      const record = nameRecords.find((known): known is NameRecord => known === fields.record);
      if (!record) throw new ProtocolError("an unknown kind of name record");
      return { kind: "names", id, host: text(fields, "host", 1000), record };
    }
    case "credit":
      return { kind: "credit", id, bytes: integer(fields, "bytes", 1, 0x7fff_ffff) };
    case "end":
      return { kind: "end", id };
    case "close":
      return { kind: "close", id };
    default:
      throw new ProtocolError("an unknown network request");
  }
}

/** A job may ask for any port by mistake (NaN becomes null on the wire): 0 is refused later, with a sentence. */
const portOf = (value: unknown): number =>
  typeof value === "number" && Number.isInteger(value) && value > 0 && value < 65_536 ? value : 0;
