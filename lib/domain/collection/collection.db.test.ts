import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import type { Context } from "@/lib/domain/context";
import { paceOf } from "@/lib/domain/purge/pace";
import { limits } from "@/lib/limits";
import { testDatabase } from "@/lib/testing/database";
import {
  addTestMember,
  contextFor,
  createTestProject,
  createTestUser,
  expectAudit,
  expectRefusal,
} from "@/lib/testing/fixtures";
import { createCollections } from "./create";
import { deleteCollection, deleteCollections } from "./delete";
import { deleteItem, deleteItems } from "./delete-items";
import { drainCollections } from "./drain";
import type { ItemAccess } from "./items";
import { listCollections } from "./list";
import { getCollectionItem, type ItemFilter, listCollectionItems } from "./list-items";
import { putItems } from "./put-items";

const database = testDatabase();
let ctx: Context;
let id: string;

const newCollection = async (name = `c-${randomUUID()}`) => {
  const made = randomUUID();
  await createCollections(ctx, [{ id: made, name }]);
  return made;
};
const row = async (of = id) => {
  const [found] = await database.query<{ contents: string; items: number; bytes: string }>(
    "select contents_id as contents, items, bytes from collections where id = $1 and project_id = $2",
    [of, ctx.project.id],
  );
  if (!found) throw new Error("The collection is gone.");
  return found;
};
/** What is counted, beside what is there. */
const counts = async (of = id) => {
  const { contents, items, bytes } = await row(of);
  const [there] = await database.query(
    "select count(*)::int as items, coalesce(sum(octet_length(key) + octet_length(value)), 0)::int as bytes from collection_items where contents_id = $1",
    [contents],
  );
  return { counted: { items, bytes: Number(bytes) }, there };
};
const put = (...items: [key: string, value: string][]) =>
  putItems(
    ctx,
    id,
    items.map(([key, value]) => ({ key, value })),
  );
const page = async (filter: ItemFilter = {}, most = 1000, after: string | null = null) =>
  listCollectionItems(
    ctx.db,
    { projectId: ctx.project.id, contentsId: (await row()).contents, filter, most },
    after,
  );
const keys = async (filter: ItemFilter = {}) => (await page(filter)).items.map(({ key }) => key);

beforeEach(async () => {
  const owner = await createTestUser();
  ctx = contextFor(owner, await createTestProject({ owner }));
  id = await newCollection();
});

describe("a collection", () => {
  test("is made, renamed and deleted, each on the record, and asking again does nothing", async () => {
    const [first, second] = [randomUUID(), randomUUID()];
    const wanted = [
      { id: first, name: "facility-ids" },
      { id: second, name: "sent.v2" },
    ];
    expect(await createCollections(ctx, wanted)).toEqual([first, second]);
    expect(await createCollections(ctx, wanted)).toEqual([]);
    expect((await expectAudit("collection.create", first)).after).toEqual({ name: "facility-ids" });
    expect(await createCollections(ctx, [{ id: first, name: "facilities" }])).toEqual([first]);
    expect(await expectAudit("collection.update", first)).toMatchObject({
      before: { name: "facility-ids" },
      after: { name: "facilities" },
    });
    const listed = (await listCollections(ctx)).items.map(({ name }) => name);
    expect(listed).toEqual(expect.arrayContaining(["facilities", "sent.v2"]));
    expect(await deleteCollections(ctx, [first, randomUUID()])).toEqual([first]);
    expect(await deleteCollections(ctx, [first])).toEqual([]);
    expect((await expectAudit("collection.delete", first)).before).toEqual({
      name: "facilities",
      items: 0,
      bytes: 0,
    });
    await expectRefusal(deleteCollection(ctx, { id: first }), "not_found");
  });

  test("has a name of its own in the project, and another project may have the same", async () => {
    await newCollection("visits");
    const same = createCollections(ctx, [{ id: randomUUID(), name: "visits" }]);
    expect((await expectRefusal(same, "conflict")).message).toContain(
      "A collection with this name already exists: visits.",
    );
    const owner = await createTestUser();
    const other = contextFor(owner, await createTestProject({ owner }));
    await createCollections(other, [{ id: randomUUID(), name: "visits" }]);
  });

  test.each(["", "Visits", "a b", "a/b", "-a", "a-", "a--b", "é", "a\u0000", "x".repeat(101)])(
    "is not called %j",
    async (name) => {
      await expect(createCollections(ctx, [{ id: randomUUID(), name }])).rejects.toThrow();
    },
  );

  test("is the business of the owner and admins; everybody in the project sees it", async () => {
    for (const role of ["editor", "viewer"] as const) {
      const theirs = contextFor(await addTestMember(ctx.project, role), ctx.project, role);
      await expectRefusal(createCollections(theirs, [{ id: randomUUID(), name: "x" }]), "forbidden");
      await expectRefusal(deleteCollections(theirs, [id]), "forbidden");
      expect((await listCollections(theirs)).items).toHaveLength(1);
    }
  });

  test("takes the place of a deleted one under its id, without what that held", async () => {
    await put(["a", "1"]);
    const { contents } = await row();
    await deleteCollection(ctx, { id });
    await createCollections(ctx, [{ id, name: "again" }]);
    expect(await keys()).toEqual([]);
    const left = () => database.query("select 1 from collection_items where contents_id = $1", [contents]);
    expect(await left()).toHaveLength(1);
    expect(await drainCollections(database, paceOf(60_000))).toBe(true);
    expect(await left()).toHaveLength(0);
    expect(
      await database.query("select 1 from emptied_collections where contents_id = $1", [contents]),
    ).toHaveLength(0);
  });
});

describe("items", () => {
  test("are added and replaced, counted with their bytes, in the order in which they came", async () => {
    expect(await put(["é", "ä"], ["b", "22"], ["a", "1"])).toBe(3);
    expect(await counts()).toEqual({
      counted: { items: 3, bytes: 9 },
      there: { items: 3, bytes: 9 },
    });
    const before = (await page()).items;
    expect(before.map(({ key }) => key)).toEqual(["é", "b", "a"]);
    expect(new Set(before.map(({ created }) => created)).size).toBe(1);
    expect(await put(["b", "3"], ["c", "4"])).toBe(2);
    const after = (await page()).items;
    expect(after.map(({ key, value }) => key + value)).toEqual(["éä", "b3", "a1", "c4"]);
    const [was, is] = [before, after].map((items) => items.find(({ key }) => key === "b"));
    expect(is?.created).toBe(was?.created);
    expect(Date.parse(is?.updated ?? "")).toBeGreaterThan(Date.parse(was?.updated ?? ""));
    expect(is?.updated).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    const { counted, there } = await counts();
    expect(counted).toEqual(there);
  });

  test("stay in the order of the list, also a thousand in one moment", async () => {
    const names = Array.from({ length: 1000 }, (_, n) => `k${(n * 7919) % 1000}`);
    await put(...names.map((key): [string, string] => [key, "1"]));
    expect(await keys()).toEqual(names);
  });

  test.each([
    [
      "a key twice",
      [
        { key: "a", value: "1" },
        { key: "a", value: "2" },
      ],
      "conflict",
      "Duplicate key found",
    ],
    ["no value", [{ key: "a" }], "invalid", "each item has a key and a value"],
    ["a number", [{ key: "a", value: 1 }], "invalid", "keys and values are texts"],
    ["an empty key", [{ key: "", value: "1" }], "invalid", "a key is empty"],
    ["no item", [null], "invalid", "each item has a key and a value"],
    ["a NUL", [{ key: "a", value: "\u0000" }], "invalid", "a NUL character"],
    [
      "a long key of few characters",
      [{ key: "é".repeat(limits.collectionKey / 2 + 1), value: "1" }],
      "invalid",
      "1,002 bytes of key",
    ],
  ] as const)("with %s are refused all together", async (_, items, code, words) => {
    const error = await expectRefusal(putItems(ctx, id, [{ key: "good", value: "1" }, ...items]), code);
    expect(error.message).toContain(words);
    expect(await keys()).toEqual([]);
  });

  test("of a project stay within its bounds, all or none, and may be replaced at the bound", async () => {
    await put(["a", "1"], ["b", "1"]);
    const other = await newCollection();
    await database.query("update collections set items = $2 where id = $1", [
      other,
      limits.collectionItems - 3,
    ]);
    await expectRefusal(put(["c", "1"], ["d", "1"]), "invalid");
    expect(await keys()).toEqual(["a", "b"]);
    await put(["c", "1"], ["a", "2"]);
    await put(["a", "3"]);
    await expectRefusal(put(["d", "1"]), "invalid");
    await deleteItem(ctx, id, "a");
    await put(["d", "1"]);
  });

  test("are counted exactly when many write the same and other keys at once, and never beyond the bound", async () => {
    const other = await newCollection();
    await database.query("update collections set items = $2 where id = $1", [
      other,
      limits.collectionItems - 10,
    ]);
    const writers = Array.from({ length: 20 }, (_, n) =>
      put(["same", `${n}`], [`own ${n}`, "1"]).then(
        (upserted) => upserted,
        () => 0,
      ),
    );
    const upserted = await Promise.all(writers);
    expect(upserted.filter((one) => one === 2)).toHaveLength(9);
    const { counted, there } = await counts();
    expect(counted).toEqual(there);
    expect(counted.items).toBe(10);
    await Promise.all([
      put(["same", "x"]),
      deleteItem(ctx, id, "same"),
      deleteItems(ctx, id, { key: "own*" }),
      // Refused when it comes before the deletions.
      put(["more", "1"]).catch(() => 0),
    ]);
    const end = await counts();
    expect(end.counted).toEqual(end.there);
  });

  test("are found by keys with *, and every other character stands for itself", async () => {
    const all = ["foo:bar:baz", "foo:moon:baz", "foo:bar:baz:quux", "a%c", "abc", "a_c", "a\\c", "a\\%c"];
    await put(...all.map((key): [string, string] => [key, "1"]));
    expect(await keys({ key: "foo:*:baz" })).toEqual(["foo:bar:baz", "foo:moon:baz"]);
    expect(await keys({ key: "foo:bar:*" })).toEqual(["foo:bar:baz", "foo:bar:baz:quux"]);
    expect(await keys({ key: "*quux" })).toEqual(["foo:bar:baz:quux"]);
    expect(await keys({ key: "a%c" })).toEqual(["a%c"]);
    expect(await keys({ key: "a%*" })).toEqual(["a%c"]);
    expect(await keys({ key: "a_*" })).toEqual(["a_c"]);
    expect(await keys({ key: "a\\*" })).toEqual(["a\\c", "a\\%c"]);
    expect(await keys({ key: "foo" })).toEqual([]);
    expect(await keys({ key: "" })).toEqual([]);
    expect(await keys({ key: "**" })).toEqual(all);
  });

  test("are found by when they were added and changed, from a moment on and before one", async () => {
    await put(["a", "1"]);
    await put(["b", "1"]);
    await put(["a", "2"]);
    const [a, b] = (await page()).items;
    if (!a || !b) throw new Error("They are not there.");
    expect(await keys({ createdAfter: b.created })).toEqual(["b"]);
    expect(await keys({ createdBefore: b.created })).toEqual(["a"]);
    expect(await keys({ updatedAfter: a.updated })).toEqual(["a"]);
    expect(await keys({ updatedBefore: a.updated })).toEqual(["b"]);
    expect(await keys({ createdAfter: a.created, createdBefore: b.created, key: "b" })).toEqual([]);
  });

  test("come page by page, each of a bounded number and size", async () => {
    const large = "x".repeat(400_000);
    await put(["a", large], ["b", large], ["c", large], ["d", large], ["e", "1"]);
    const seen: string[] = [];
    const sizes: number[] = [];
    let after: string | null = null;
    for (let isLast = false; !isLast; ) {
      const next: Awaited<ReturnType<typeof page>> = await page({}, 1000, after);
      seen.push(...next.items.map(({ key }) => key));
      sizes.push(next.items.length);
      after = next.items.at(-1)?.id ?? null;
      isLast = next.isLast;
    }
    expect(seen).toEqual(["a", "b", "c", "d", "e"]);
    expect(Math.max(...sizes)).toBe(3);
    expect(await page({}, 2)).toMatchObject({ items: [{ key: "a" }, { key: "b" }], isLast: false });
    expect(await page({}, 5)).toMatchObject({ isLast: false });
    const { items } = await page({ key: "e" }, 1);
    expect(items).toHaveLength(1);
  });

  test("are deleted one by one, by a key with *, by time, and all at once", async () => {
    await put(["foo:1", "1"], ["foo:2", "1"], ["bar", "1"]);
    expect(await deleteItem(ctx, id, "bar")).toBe(true);
    expect(await deleteItem(ctx, id, "bar")).toBe(false);
    expect(await deleteItem(ctx, id, "foo*")).toBe(false);
    await put(["foo:3", "1"], ["bar", "1"]);
    const third = (await page({ key: "foo:3" })).items[0];
    expect(await deleteItems(ctx, id, { key: "foo:*", createdBefore: third?.created })).toBe(2);
    expect(await keys()).toEqual(["foo:3", "bar"]);
    expect(await deleteItems(ctx, id, { createdBefore: third?.created })).toBe(0);
    expect((await counts()).counted).toEqual((await counts()).there);
    expect(await deleteItems(ctx, id, {})).toBe(2);
    expect(await deleteItems(ctx, id, { key: "*" })).toBe(0);
    expect(await counts()).toEqual({ counted: { items: 0, bytes: 0 }, there: { items: 0, bytes: 0 } });
  });

  test("that are many are deleted in batches, and each is counted", async () => {
    await put(...Array.from({ length: 4500 }, (_, n): [string, string] => [`k${n}`, "1"]));
    expect(await deleteItems(ctx, id, { key: "k*" })).toBe(4500);
    expect((await counts()).counted).toEqual({ items: 0, bytes: 0 });
  });

  test("are read by every member, changed by editors, and deleted together by the owner and admins", async () => {
    await put(["a", "1"], ["b", "1"]);
    const as = async (role: "admin" | "editor" | "viewer") =>
      contextFor(await addTestMember(ctx.project, role), ctx.project, role);
    const [admin, editor, viewer] = [await as("admin"), await as("editor"), await as("viewer")];
    const item = [{ key: "c", value: "1" }];
    await expectRefusal(putItems(viewer, id, item), "forbidden");
    await expectRefusal(deleteItem(viewer, id, "a"), "forbidden");
    await putItems(editor, id, item);
    expect(await deleteItem(editor, id, "c")).toBe(true);
    for (const filter of [{}, { key: "a*" }])
      await expectRefusal(deleteItems(editor, id, filter), "forbidden");
    expect(await deleteItems(admin, id, { key: "a*" })).toBe(1);
    const run: ItemAccess = { db: ctx.db, project: ctx.project, runId: randomUUID() };
    await putItems(run, id, item);
    expect(await deleteItems(run, id, {})).toBe(2);
  });

  test("of another project are out of reach, whatever is known of them", async () => {
    await put(["a", "1"]);
    const owner = await createTestUser();
    const stranger = contextFor(owner, await createTestProject({ owner }));
    await expectRefusal(putItems(stranger, id, [{ key: "a", value: "2" }]), "not_found");
    await expectRefusal(deleteItem(stranger, id, "a"), "not_found");
    await expectRefusal(deleteItems(stranger, id, {}), "not_found");
    const { contents } = await row();
    expect(
      await getCollectionItem(ctx.db, { projectId: stranger.project.id, contentsId: contents }, "a"),
    ).toBeUndefined();
    const foreign = { projectId: stranger.project.id, contentsId: contents, filter: {}, most: 10 };
    expect((await listCollectionItems(ctx.db, foreign, null)).items).toEqual([]);
    expect(
      await getCollectionItem(ctx.db, { projectId: ctx.project.id, contentsId: contents }, "a"),
    ).toMatchObject({ value: "1" });
  });
});
