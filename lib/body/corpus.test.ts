import { expect, test } from "vitest";
import { corpus } from "@/lib/testing/corpus";
import { stateOfMessage } from "@/lib/workflow/message-state";
import { type ReadBody, readBody } from "./read";
import type { StoredBody } from "./stored";
import { plainText } from "./stored";

const payloads = corpus();

async function readAs({ contentType, contentEncoding, body }: (typeof payloads)[number]): Promise<ReadBody> {
  const read = await readBody(body, { contentType, contentEncoding: contentEncoding ?? null });
  if ("refused" in read) throw new Error(read.refused);
  return read;
}

const storedOf = ({ format, reading }: ReadBody, body: Uint8Array): StoredBody => ({ format, reading, body });

test("there are more than 300, and no two are alike", () => {
  expect(payloads.length).toBeGreaterThan(300);
  expect(new Set(payloads.map(({ name }) => name)).size).toBe(payloads.length);
});

test.each(payloads.map((payload) => [payload.name, payload] as const))("%s", async (_, payload) => {
  const read = await readAs(payload);
  const view = read.view === null ? null : JSON.parse(read.view);
  const message = { method: "POST", path: [], query: {}, headers: {}, view, ...storedOf(read, payload.body) };
  const { data } = JSON.parse(await stateOfMessage(message));
  expect(data).toEqual(payload.data);
  // Filters and search see the same as the job.
  expect(JSON.parse(read.matchable)).toEqual(payload.data);
  for (const word of payload.words) expect(JSON.stringify(JSON.parse(read.matchable))).toContain(word);
});

test("what is shown of each, sent again as UTF-8, means the same", async () => {
  for (const payload of payloads) {
    const read = await readAs(payload);
    const text = await plainText(storedOf(read, payload.body));
    if (text === undefined) {
      expect(read.format, payload.name).toBe("multipart");
      continue;
    }
    const again = await readBody(Buffer.from(text), {
      contentType: payload.contentType.replace(/charset="?[\w-]+"?/, "charset=utf-8"),
      contentEncoding: null,
      isUtf8: true,
    });
    if ("refused" in again) throw new Error(again.refused);
    expect(JSON.parse(again.matchable), payload.name).toEqual(payload.data);
  }
});
