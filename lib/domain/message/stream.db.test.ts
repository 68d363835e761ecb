import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import type { Db } from "@/db/client";
import type { Context } from "@/lib/domain/context";
import { heavyRead } from "@/lib/domain/heavy-read";
import { unprotected } from "@/lib/domain/mask/protection";
import { setProtection } from "@/lib/domain/mask/set";
import { type Clinic, createClinic } from "@/lib/testing/clinic";
import { testDatabase } from "@/lib/testing/database";
import { type SearchPart, searchInbox } from "./stream";

const often = { wholeMs: 30_000, partMs: 300, first: 300, least: 300, most: 300 };
const never = new AbortController().signal;
let clinic: Clinic;
const needles: string[] = [];

/** 2,000 messages that say "hay", with needles among them. */
beforeAll(async () => {
  clinic = await createClinic();
  const begin = Date.UTC(2026, 1, 10);
  await testDatabase().query(
    `insert into messages (id, project_id, source, method, path, query, headers, format, body, size, preview)
     select (lpad(to_hex($2::bigint + n), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid, $1, 'inbox', 'POST', '{}', '{}', '{}', 'text',
       convert_to(case when n % 500 = 1 then 'one Needle more' else 'hay' end, 'UTF8'), 3, 'hay'
     from generate_series(1, 2000) n`,
    [clinic.project.id, begin],
  );
  const found = await testDatabase().query<{ id: string }>(
    "select id from messages where project_id = $1 and encode(body, 'escape') like '%Needle%' order by id desc",
    [clinic.project.id],
  );
  needles.push(...found.map(({ id }) => id));
});

async function partsOf(ctx: Context, input: object, bounds = often): Promise<SearchPart[]> {
  const parts: SearchPart[] = [];
  for await (const part of searchInbox(ctx, { text: "needle", ...input }, never, bounds)) parts.push(part);
  return parts;
}
const idsOf = (parts: SearchPart[]) => parts.flatMap(({ items }) => items.map(({ id }) => id));

/** Counts the statements that are sent. */
function counted(ctx: Context): { ctx: Context; statements: () => number } {
  let statements = 0;
  const db = new Proxy(ctx.db, {
    get(target, name) {
      const value = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        statements++;
        return Reflect.apply(value, target, args);
      };
    },
  }) as Db;
  return { ctx: { ...ctx, db }, statements: () => statements };
}

describe("a search that streams", () => {
  test("tells what it finds as it goes, how far back it is, and that it has looked at everything", async () => {
    const parts = await partsOf(clinic.ctx, {});
    expect(needles).toHaveLength(4);
    expect(idsOf(parts)).toEqual(needles);
    expect(parts.length).toBeGreaterThan(6);
    const times = parts.flatMap(({ lookedBackTo }) => lookedBackTo ?? []);
    expect(times).toEqual([...times].sort().reverse());
    expect(parts.map(({ end }) => end).filter((end) => end !== null)).toEqual(["everything"]);
    expect(parts.at(-1)).toMatchObject({ end: "everything", nextCursor: null });
  });

  test("ends with a full page, and goes on after any of its lines", async () => {
    const parts = await partsOf(clinic.ctx, { limit: 2 });
    expect(idsOf(parts)).toEqual(needles.slice(0, 2));
    expect(parts.at(-1)?.end).toBe("page");
    for (const [index, { nextCursor }] of parts.entries()) {
      if (nextCursor === null) continue;
      const before = idsOf(parts.slice(0, index + 1));
      const rest = await partsOf(clinic.ctx, { cursor: nextCursor });
      expect([...before, ...idsOf(rest)]).toEqual(needles);
    }
  });

  test("ends when it took long enough, and says where it goes on", async () => {
    const [only, ...others] = await partsOf(clinic.ctx, {}, { ...often, wholeMs: -1 });
    expect(others).toEqual([]);
    expect(only?.end).toBe("time");
    expect(idsOf(await partsOf(clinic.ctx, { cursor: only?.nextCursor }))).toEqual(needles);
  });

  test("asks nothing more of the database once its client has gone, and lets go of its turn", async () => {
    const { ctx, statements } = counted(clinic.ctx);
    const client = new AbortController();
    const search = searchInbox(ctx, { text: "nowhere at all" }, client.signal, often);
    await search.next();
    await search.next();
    client.abort();
    const before = statements();
    await expect(search.next()).rejects.toMatchObject({ name: "HungUpError" });
    expect(statements()).toBe(before);
    expect((await search.next()).done).toBe(true);
    expect(statements()).toBe(before);
    expect(idsOf(await partsOf(clinic.ctx, {}))).toEqual(needles);
  });

  test("is one at a time of a person, and others of the project have their turn between its parts", async () => {
    const search = searchInbox(clinic.ctx, { text: "nowhere" }, never, often);
    await search.next();
    const second = searchInbox(clinic.ctx, { text: "nowhere" }, never, often);
    const third = searchInbox(clinic.ctx, { text: "nowhere" }, never, often);
    const waits = second.next();
    await expect(third.next()).rejects.toMatchObject({ code: "limit" });
    const turns = await Promise.all([1, 2].map((n) => heavyRead(clinic.project.id, async () => n)));
    expect(turns).toEqual([1, 2]);
    await search.return();
    expect((await waits).done).toBe(false);
    await second.return();
  });

  test("finds nothing of another project's", async () => {
    const other = await createClinic();
    expect(idsOf(await partsOf(other.ctx, {}))).toEqual([]);
    expect(idsOf(await partsOf(other.ctx, { cursor: needles[0] ?? randomUUID() }))).toEqual([]);
  });

  test("of somebody from whom things are masked finds only what they are shown", async () => {
    const one = await createClinic();
    const id = await one.receive({ patient: { name: "Amina" }, form: "visit" });
    await setProtection(one.ctx, { ...unprotected, masks: ["$.patient.name"] });
    const viewer = one.as("viewer");
    expect(idsOf(await partsOf(viewer, { text: "amina" }))).toEqual([]);
    expect(idsOf(await partsOf(viewer, { text: "visit" }))).toEqual([id]);
    expect(idsOf(await partsOf(one.ctx, { text: "amina" }))).toEqual([id]);
  });
});

test.each([
  [
    "letters that vanish when they are small",
    "\u212aelvin i\u0307n \u0130stanbul",
    ["kelvin", "in", "istanbul"],
  ],
  ["JSON's escapes", '{"a":"\\u004eairobi"}', ["nairobi"]],
])("what bytes hide is read: %s", async (_, body, texts) => {
  const one = await createClinic();
  const id = await one.receive(body, {
    contentType: body.startsWith("{") ? "application/json" : "text/plain",
  });
  await one.receive("a letter", { contentType: "text/plain" });
  for (const text of texts) expect(idsOf(await partsOf(one.ctx, { text }))).toEqual([id]);
});
