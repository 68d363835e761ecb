import { Buffer } from "node:buffer";
import fs from "node:fs";
import process from "node:process";
import { encodeFrame, type Frame, FrameReader, joinBelowBytes } from "@/lib/runner/protocol/frames";

const stdout = 1;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Writes synchronously, so that a log line is out before the job's next statement, whatever that does. */
function writeAll(bytes: Uint8Array): void {
  let offset = 0;
  while (offset < bytes.length) {
    try {
      offset += fs.writeSync(stdout, bytes, offset, bytes.length - offset);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) throw error;
      Atomics.wait(sleeper, 0, 0, 1);
    }
  }
}

/** Sends one frame to the runner. */
export function send(type: number, ...parts: Uint8Array[]): void {
  const frame = encodeFrame(type, ...parts);
  const size = frame.reduce((sum, part) => sum + part.length, 0);
  if (size < joinBelowBytes) writeAll(Buffer.concat(frame));
  else for (const part of frame) writeAll(part);
}

export function sendJson(type: number, message: unknown): void {
  send(type, Buffer.from(JSON.stringify(message)));
}

/** Hands every frame from the runner to `onFrame`; ends the process when the runner has gone. */
export function receive(onFrame: (frame: Frame) => void): void {
  const reader = new FrameReader(() => 0xffff_fff0);
  process.stdin.on("data", (chunk: Buffer) => {
    reader.push(chunk);
    for (let frame = reader.next(); frame; frame = reader.next()) onFrame(frame);
  });
  process.stdin.on("end", () => process.exit(0));
}
