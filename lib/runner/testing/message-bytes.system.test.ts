import crypto from "node:crypto";
import zlib from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { messageBytes } from "@/lib/body/for-jobs";
import { readBody } from "@/lib/body/read";
import type { LocalRunner } from "@/lib/runner/host/runner";
import { runStep, stepRequest, testRunner } from "@/lib/runner/testing/local-runner";
import { stateOfMessage } from "@/lib/workflow/message-state";

let runner: LocalRunner;
beforeAll(async () => {
  runner = await testRunner();
});
afterAll(() => runner.close());

type Sent = { contentType: string; contentEncoding?: string; headers?: Record<string, string> };

/** Runs a job on a message as the inbox would have stored it. */
async function ran(source: string, body: Uint8Array, { contentType, contentEncoding, headers = {} }: Sent) {
  const read = await readBody(body, { contentType, contentEncoding: contentEncoding ?? null });
  if ("refused" in read) throw new Error(read.refused);
  const { format, reading } = read;
  const view = read.view === null ? null : JSON.parse(read.view);
  const message = { method: "POST", path: [], query: {}, headers, format, body, view, reading };
  return runStep(runner, {
    ...stepRequest(source, {
      state: JSON.parse(await stateOfMessage(message)),
      configuration: { secret: "topsecret-hmac" },
      credentialId: "c",
    }),
    message: await messageBytes(message),
  });
}

const verify = `fn(state => {
  const { headers, rawBody } = state.request;
  const expected = "sha256=" + hmac("sha256", state.configuration.secret, bytesOf(rawBody));
  if (!sameBytes(expected, headers["x-hub-signature-256"])) throw new Error("The signature is wrong.");
  return { n: state.data.n };
});`;

describe("a signature over the bytes as they were sent", () => {
  const body = Buffer.from('{ "action" : "opened",\n "n": 1.0 }');
  const sign = (bytes: Uint8Array) =>
    `sha256=${crypto.createHmac("sha256", "topsecret-hmac").update(bytes).digest("hex")}`;

  test.each<[string, Uint8Array, string | undefined]>([
    ["with odd white space", body, undefined],
    ["compressed", zlib.gzipSync(body), "gzip"],
  ])("(%s) is checked in a job", async (_, bytes, contentEncoding) => {
    const sent = { contentType: "application/json", ...(contentEncoding ? { contentEncoding } : {}) };
    const good = await ran(verify, bytes, { ...sent, headers: { "x-hub-signature-256": sign(bytes) } });
    expect(good).toMatchObject({ reason: "success", state: { n: 1 } });
    const wrong = await ran(verify, bytes, {
      ...sent,
      headers: { "x-hub-signature-256": sign(Buffer.from("{}")) },
    });
    expect(wrong).toMatchObject({ reason: "fail", error: { message: "The signature is wrong." } });
  });

  test.each([
    ["sha1", "hex"],
    ["sha512", "base64"],
    ["md5", "hex"],
  ] as const)("is %s in %s, too", async (algorithm, encoding) => {
    const job = `fn(s => ({ mac: hmac("${algorithm}", "k", bytesOf(s.request.rawBody), "${encoding}") }))`;
    const { state } = await ran(job, body, { contentType: "application/json" });
    expect(state).toEqual({ mac: crypto.createHmac(algorithm, "k").update(body).digest(encoding) });
  });
});

describe("files of a form", () => {
  const jpeg = Buffer.from([0xff, 0xd8, 0x0d, 0x0a, 0x00, 0xd9]);
  const part = (name: string, data: Uint8Array, more = "") =>
    Buffer.concat([
      Buffer.from(
        `--b\r\nContent-Disposition: form-data; name="${name}"; filename="${name}.x"\r\nContent-Type: image/x\r\n${more}\r\n`,
      ),
      data,
      Buffer.from("\r\n"),
    ]);
  const form = Buffer.concat([
    part("photo", jpeg),
    part("page", Buffer.from("w6k="), "Content-Transfer-Encoding: base64\r\n"),
    Buffer.from("--b--\r\n"),
  ]);
  const job = `fn(({ data }) => ({ photo: bytesOf(data.photo).toString("base64"), page: bytesOf(data.page).toString(), ref: data.photo }))`;

  test.each<[string, Uint8Array, string | undefined]>([
    ["as it came", form, undefined],
    ["compressed", zlib.gzipSync(form), "gzip"],
  ])("are read by their reference (%s)", async (_, bytes, contentEncoding) => {
    const sent = {
      contentType: "multipart/form-data; boundary=b",
      ...(contentEncoding ? { contentEncoding } : {}),
    };
    const { reason, state } = await ran(job, bytes, sent);
    expect(reason).toBe("success");
    expect(state).toEqual({
      photo: jpeg.toString("base64"),
      page: "é",
      ref: { name: "photo.x", type: "image/x", size: 6, file: 0 },
    });
  });

  test.each([["{}"], ["null"], ["{ file: 2 }"], ["{ file: -1 }"], ["{ file: '__proto__' }"]])(
    "bytesOf(%s) says what it takes",
    async (reference) => {
      const result = await ran(`fn(s => bytesOf(${reference}))`, form, {
        contentType: "multipart/form-data; boundary=b",
      });
      expect(result.error?.message).toContain("bytesOf takes state.request.rawBody");
    },
  );

  test("nothing is left of one message for the next step in the same process", async () => {
    await ran(job, form, { contentType: "multipart/form-data; boundary=b" });
    const next = await runStep(
      runner,
      stepRequest("fn(s => bytesOf({ file: 'body' }))", {
        configuration: { secret: "x" },
        credentialId: "c",
      }),
    );
    expect(next.error?.message).toContain("not started by a message");
  });
});

test("a configuration that was sent is data, and never the job's configuration", async () => {
  const body = Buffer.from('{"configuration":{"baseUrl":"https://evil.example"},"a":1}');
  const job = "fn(({ configuration, data }) => ({ keys: Object.keys(configuration), data }))";
  const { state } = await ran(job, body, { contentType: "application/json" });
  expect(state).toEqual({
    keys: ["secret"],
    data: { configuration: { baseUrl: "https://evil.example" }, a: 1 },
  });
  const whole = await runStep(runner, stepRequest(job, { state: JSON.parse(body.toString()) }));
  expect(whole.state).toEqual({ keys: [], data: {} });
});
