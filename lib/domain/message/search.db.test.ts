import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { excerptOf } from "@/lib/search/excerpt";
import { fold } from "@/lib/search/fold";
import { searchTerms } from "@/lib/search/terms";
import { type Clinic, createClinic } from "@/lib/testing/clinic";
import { corpus, type Payload } from "@/lib/testing/corpus";
import { testDatabase } from "@/lib/testing/database";
import { listMessages } from "./list";

async function found(clinic: Clinic, text: string): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const page = await listMessages(clinic.ctx, { text, limit: 100, ...(cursor ? { cursor } : {}) });
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
  } while (cursor);
  return ids;
}

test("each message of the corpus is found by any word in it, and no others are", async () => {
  const clinic = await createClinic();
  const sent = new Map<string, Payload>();
  for (const payload of corpus()) {
    const { contentType, contentEncoding } = payload;
    const how = { contentType, ...(contentEncoding ? { encoding: contentEncoding } : {}) };
    sent.set(await clinic.receive(payload.body, how), payload);
  }
  expect(sent.size).toBeGreaterThan(300);
  const words = new Set([...sent.values()].flatMap((payload) => payload.words));
  for (const word of words) {
    const ids = new Set(await found(clinic, word));
    for (const [id, payload] of sent) {
      if (payload.words.includes(word)) expect(ids.has(id), `${word} finds ${payload.name}`).toBe(true);
    }
    const others = [...sent].filter(([id]) => !ids.has(id));
    for (const [, { data }] of others) expect(fold(JSON.stringify(data))).not.toContain(fold(word));
  }
}, 60_000);

describe("what was sent in any spelling", () => {
  let clinic: Clinic;
  const ids: Record<string, string> = {};

  beforeAll(async () => {
    clinic = await createClinic();
    const form = "application/x-www-form-urlencoded";
    ids.json = await clinic.receive('{"name":"Am\\u00e9lie  Diallo","at":"a\\/b"}');
    ids.form = await clinic.receive("name=AM%C3%89LIE+Diallo", { contentType: form });
    ids.xml = await clinic.receive("<p>Am&#233;lie\nDiallo</p>", { contentType: "application/xml" });
    ids.gzip = await clinic.receive(gzipSync('{"name":"Ame\\u0301lie Diallo"}'), { encoding: "gzip" });
    ids.latin = await clinic.receive(Buffer.from("Am\xe9lie Diallo", "latin1"), {
      contentType: "text/plain; charset=iso-8859-1",
    });
    ids.other = await clinic.receive({ name: "Amelie", family: "Diallo" });
  });

  test.each([
    ["amélie", "json form xml gzip latin"],
    ["AMÉLIE", "json form xml gzip latin"],
    ['"amélie diallo"', "json form xml gzip latin"],
    ["diallo amélie", "json form xml gzip latin"],
    ["diallo", "json form xml gzip latin other"],
    ["family amelie", "other"],
    ["a/b", "json"],
    ["Am\\u00e9lie", "json"],
    ["%C3%89", "form"],
    ["&#233;", "xml"],
    ["diallo nobody", ""],
    ['"diallo amélie"', ""],
    ['""', ""],
    ['"', "json gzip other"],
    ["%", "form"],
    ["_", ""],
  ])("%s finds %s", async (text, names) => {
    const wanted = names.split(" ").flatMap((name) => ids[name] ?? []);
    expect((await found(clinic, text)).sort()).toEqual(wanted.sort());
  });

  test("a row shows what stands around the words, decoded", async () => {
    const { items } = await listMessages(clinic.ctx, { text: "amélie" });
    for (const { excerpt = "" } of items) expect(excerpt).toBe(excerptOf(excerpt, searchTerms("amélie")));
    expect(items.map(({ excerpt }) => excerpt?.normalize("NFC").match(/amélie/i)?.length)).toEqual([
      1, 1, 1, 1, 1,
    ]);
    const plain = await listMessages(clinic.ctx, {});
    expect(plain.items.every((row) => row.excerpt === undefined)).toBe(true);
  });
});

test("a message is found by the ids of its runs and work orders, and not by another project's", async () => {
  const [clinic, other] = [await createClinic(), await createClinic()];
  const id = await clinic.receive({ form: "visit" });
  await clinic.receive({ form: "visit" });
  const [run] = await testDatabase().query<{ id: string; work_order_id: string }>(
    "select id, work_order_id from runs where message_id = $1",
    [id],
  );
  for (const text of [run?.id ?? "", run?.work_order_id ?? "", id]) {
    expect(await found(clinic, text)).toEqual([id]);
    expect(await found(clinic, text.slice(0, 30).toUpperCase())).toEqual([id]);
    expect(await found(other, text)).toEqual([]);
  }
  // Shorter beginnings are words: every id of these years begins with 01.
  expect(await found(clinic, id.slice(0, 4))).toEqual([]);
});

test("everything was read when there is no cursor, and a full page reads no further", async () => {
  const clinic = await createClinic();
  const ids: string[] = [];
  for (let n = 0; n < 5; n++) ids.unshift(await clinic.receive({ note: "visit", n }));
  const exact = await listMessages(clinic.ctx, { text: "visit", limit: 5 });
  expect(exact).toMatchObject({ nextCursor: null });
  const page = await listMessages(clinic.ctx, { text: "visit", limit: 4 });
  expect(page.nextCursor).toBe(ids[3]);
  const rest = await listMessages(clinic.ctx, { text: "visit", limit: 4, cursor: ids[3] ?? "" });
  expect(rest).toMatchObject({ items: [{ id: ids[4] }], nextCursor: null });
});
