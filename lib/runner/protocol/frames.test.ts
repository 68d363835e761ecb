import { describe, expect, test } from "vitest";
import { encodeFrame, FrameReader, frameType, headed, ProtocolError, splitHeaded } from "./frames";
import {
  maxPayloadFromWorker,
  parseBegun,
  parseCrash,
  parseDone,
  parseEvaluated,
  parseLog,
  parseNetRequest,
  parseReady,
  parseRested,
  parseStray,
} from "./from-worker";

const frame = (type: number, ...parts: Uint8Array[]): Buffer => Buffer.concat(encodeFrame(type, ...parts));
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const limits = (type: number) => maxPayloadFromWorker(type, 1000, false);

/** A small seeded generator, so that a failure can be repeated. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const readAll = (reader: FrameReader) => {
  const frames = [];
  for (let next = reader.next(); next; next = reader.next()) frames.push(next);
  return frames;
};

describe("frames", () => {
  test("come out as they went in, however the bytes are cut", () => {
    const sent = [Buffer.from("a"), Buffer.alloc(0), Buffer.alloc(5000, "x"), Buffer.from("é€")];
    const bytes = Buffer.concat(sent.map((payload) => frame(frameType.run, payload)));
    for (const size of [1, 2, 3, 4, 5, 7, 64, 1000, bytes.length]) {
      const reader = new FrameReader(() => 10_000);
      const got = [];
      for (let offset = 0; offset < bytes.length; offset += size) {
        reader.push(bytes.subarray(offset, offset + size));
        got.push(...readAll(reader).map(({ payload }) => Buffer.from(payload)));
      }
      expect(got).toEqual(sent);
    }
  });

  test("an oversized frame is refused at its header, before its bytes are collected", () => {
    const reader = new FrameReader(limits);
    reader.push(Buffer.from([0xff, 0xff, 0xff, 0xff, frameType.log]));
    expect(() => reader.next()).toThrow(ProtocolError);
  });

  test("a type that the runner sends is refused from the worker", () => {
    const known = Object.values(frameType);
    const unknown = [0, 10, Math.max(...known) + 1, 255];
    for (const type of [...known.filter((one) => one < 10), ...unknown]) {
      const reader = new FrameReader(limits);
      reader.push(frame(type));
      expect(() => reader.next()).toThrow(ProtocolError);
    }
  });

  test("a header and its bytes are split where they were joined", () => {
    const { header, body } = splitHeaded(Buffer.concat(headed({ a: 1 }, Buffer.from("rest"))));
    expect([JSON.parse(header.toString()), body.toString()]).toEqual([{ a: 1 }, "rest"]);
    expect(() => splitHeaded(Buffer.from([0, 0, 0, 9, 1]))).toThrow(ProtocolError);
    expect(() => splitHeaded(Buffer.from([0]))).toThrow(ProtocolError);
  });
});

const described = {
  name: "Error",
  constructorName: "Error",
  message: "m",
  stack: "",
  phase: "operations",
  operation: 0,
};

const samples: [number, Buffer, (payload: Buffer) => unknown][] = [
  [frameType.ready, json({ error: null, exports: ["fn"], caches: null }), parseReady],
  [frameType.log, json({ token: 1, level: "info", source: "JOB", at: 1, message: "hello" }), parseLog],
  [frameType.begun, json({ token: 1 }), parseBegun],
  [frameType.rested, json({ token: 1 }), parseRested],
  [frameType.stray, json({ isOver: false }), parseStray],
  [frameType.netRequest, json({ kind: "open", id: 1, host: "example.org", port: 443 }), parseNetRequest],
  [frameType.netRequest, json({ kind: "names", id: 1, host: "example.org", record: "A" }), parseNetRequest],
  [frameType.netRequest, json({ kind: "credit", id: 1, bytes: 70_000 }), parseNetRequest],
  [
    frameType.done,
    Buffer.concat(
      headed({ token: 1, ok: true, durationMs: 1, error: null, requests: [] }, Buffer.from("{}")),
    ),
    parseDone,
  ],
  [
    frameType.done,
    Buffer.concat(headed({ token: 1, ok: false, durationMs: 1, error: described, requests: [] })),
    parseDone,
  ],
  [
    frameType.evaluated,
    json({ token: 1, results: { a: true, b: { name: "TypeError", message: "m" } } }),
    parseEvaluated,
  ],
  [frameType.crash, json({ ...described, phase: "async" }), parseCrash],
];

const hostileValues: unknown[] = [
  null,
  true,
  -1,
  1.5,
  1e300,
  "",
  "x".repeat(100_000),
  [],
  {},
  [[]],
  { __proto__: null },
  "\u0000",
];

describe("messages from a worker", () => {
  test("honest ones are read", () => {
    for (const [, payload, parse] of samples) expect(parse(payload)).toBeTypeOf("object");
  });

  test("any field replaced by anything is read or refused with ProtocolError", () => {
    for (const [, payload, parse] of samples) {
      const start = payload.indexOf("{");
      const text =
        payload
          .subarray(start, payload.lastIndexOf("}") + 1)
          .toString()
          .split("}{")[0] ?? "";
      const fields: Record<string, unknown> = JSON.parse(
        text.endsWith("}") ? text.replace(/\}\{\}$/, "}") : `${text}}`,
      );
      for (const key of Object.keys(fields)) {
        for (const value of hostileValues) {
          const changed = { ...fields, [key]: value };
          const bytes = parse === parseDone ? Buffer.concat(headed(changed)) : json(changed);
          expectReadOrRefused(() => parse(bytes));
        }
      }
    }
  });

  test("20,000 mutated and random streams are read or refused, never anything else", () => {
    const next = random(20261122);
    for (let round = 0; round < 20_000; round += 1) {
      const [type, payload] = samples[next(samples.length)] ?? [0, Buffer.alloc(0)];
      const bytes =
        round % 4 === 0
          ? Buffer.from(Array.from({ length: next(64) }, () => next(256)))
          : frame(type, payload);
      for (let change = next(4); change > 0 && bytes.length; change -= 1)
        bytes[next(bytes.length)] = next(256);
      const reader = new FrameReader(limits);
      reader.push(bytes.subarray(0, bytes.length - next(3)));
      expectReadOrRefused(() => {
        for (const { type: got, payload: body } of readAll(reader))
          samples.find(([known]) => known === got)?.[2](body);
      });
    }
  });
});

function expectReadOrRefused(act: () => unknown): void {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(ProtocolError);
  }
}
