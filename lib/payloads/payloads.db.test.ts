import { randomBytes, randomUUID } from "node:crypto";
import fs from "node:fs";
import { sql } from "drizzle-orm";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { carryOutBulk } from "@/lib/domain/bulk/carry-out";
import { getBulkAct } from "@/lib/domain/bulk/get";
import { previewBulk } from "@/lib/domain/bulk/preview";
import { startBulk } from "@/lib/domain/bulk/start";
import { unprotected } from "@/lib/domain/mask/protection";
import { setProtection } from "@/lib/domain/mask/set";
import { getMessageBody } from "@/lib/domain/message/body";
import type { Scope } from "@/lib/domain/message/candidates";
import { previewFilter } from "@/lib/domain/message/filter-preview";
import { getMessage } from "@/lib/domain/message/get";
import { listMessages } from "@/lib/domain/message/list";
import { getMessageMatching } from "@/lib/domain/message/matching";
import { previewRedactions } from "@/lib/domain/message/preview-redactions";
import { readMessageAs } from "@/lib/domain/message/read-as";
import { searchMessages } from "@/lib/domain/message/search";
import { carryOutPerson } from "@/lib/domain/person/carry-out";
import { contentsOf } from "@/lib/domain/person/contents";
import { listPersonItems } from "@/lib/domain/person/get";
import { findPerson } from "@/lib/domain/person/start";
import { wipePerson } from "@/lib/domain/person/wipe";
import { deleteProject } from "@/lib/domain/project/delete";
import { carryOutDeletions } from "@/lib/domain/purge/due";
import { wipeMessages } from "@/lib/domain/retention/wipe";
import { listRuns } from "@/lib/domain/run/list";
import { getMessageBytes, getMessageState } from "@/lib/domain/run/payloads";
import { rerunMessage } from "@/lib/domain/run/rerun";
import { executeRun } from "@/lib/execution/execute-run";
import { type Clinic, createClinic, elevenSecondsLater } from "@/lib/testing/clinic";
import { ownTestDatabase } from "@/lib/testing/database";
import { testExecutionHost } from "@/lib/testing/execution-host";
import { expectRefusal } from "@/lib/testing/fixtures";
import { ScriptedRunner } from "@/lib/testing/scripted-runner";
import { startStorage } from "@/lib/testing/storage-server";
import { type Bucket, BucketError, bucket } from "./bucket";
import { clearPayloads } from "./clear";
import { bucketProblem } from "./home";
import { bringBack, moveApart, moveBack, waitingPayloads } from "./move";
import { withBodies } from "./read";

const storage = await startStorage();
Object.assign(process.env, storage.env, { PAYLOADS_ABOVE_BYTES: "20000" });
const database = await ownTestDatabase();
afterAll(() => storage.end());

const dayMs = 86_400_000;
const later = () => Date.now() + dayMs;
/** A message's hour is over. */
const move = (how: Parameters<typeof moveApart>[2] = {}) =>
  moveApart(database, 60_000, { now: later(), ...how });
const clear = (days = 2) => clearPayloads(database, 60_000, { now: Date.now() + days * dayMs });

let clinic: Clinic;
beforeEach(async () => {
  clinic = await createClinic();
});

/** JSON that says where it is from, and more than goes apart. */
const large = (mark: string) =>
  JSON.stringify({ form: "note", mark, filling: randomBytes(15_000).toString("hex") });
const rowOf = async (id: string) => {
  const [row] = await database.query<{ bytes: number; payload: string | null; size: number }>(
    "select octet_length(body) as bytes, payload, size from messages where id = $1",
    [id],
  );
  return row;
};
const objectsOf = (projectId = clinic.project.id) =>
  [...storage.objects()].filter(([name]) => name.startsWith(`${projectId}/`));
/** A message whose body lies apart. */
async function apart(
  body: string | Uint8Array,
  how?: Parameters<Clinic["receive"]>[1],
  of = clinic,
): Promise<string> {
  const id = await of.receive(body, how);
  await of.execute(id);
  await move();
  expect(await rowOf(id)).toMatchObject({ bytes: 0, payload: expect.any(String) });
  return id;
}
/** Its run waits again, as if it had never been executed. */
async function again(id: string): Promise<void> {
  await database.query(
    "update runs set state = 'pending', finished_at = null, started_at = null, epoch = epoch + 1, executor_id = null where message_id = $1",
    [id],
  );
  await database.query("delete from steps where message_id = $1", [id]);
}

/** The newest messages of a project. */
const newestOf =
  (projectId: string): Scope =>
  (limit, columns) =>
    sql`select ${columns} from messages m where m.project_id = ${projectId} order by m.id desc limit ${limit}`;

describe("a large body", () => {
  test("goes apart, encrypted, and everybody who reads it gets what was sent", async () => {
    const mark = `needle-${randomUUID()}`;
    const body = large(mark);
    const id = await apart(body);
    const [[, object] = []] = objectsOf();
    expect(objectsOf()).toHaveLength(1);
    expect(object?.includes(Buffer.from("needle"))).toBe(false);
    expect(object?.length).toBeLessThan(body.length + 100);

    const { ctx } = clinic;
    expect(Buffer.from((await getMessageBody(ctx, id)).body).toString()).toBe(body);
    expect(Buffer.from((await getMessageBody(ctx, id, { as: "text" })).body).toString()).toBe(body);
    expect((await getMessage(ctx, id)).body.content).toBe(body);
    expect(JSON.parse((await getMessageState(ctx, id)) ?? "").data.mark).toBe(mark);
    expect(Buffer.from((await getMessageBytes(ctx, id))?.body ?? "", "base64").toString()).toBe(body);
    const scopeOf = newestOf(ctx.project.id);
    expect([...(await searchMessages(ctx, { text: mark, limit: 10, scopeOf })).hits.keys()]).toEqual([id]);
    expect((await getMessageMatching(ctx, id)).triggers.map(({ outcome }) => outcome)).toContain("inclusion");
    const filter = { inclusion: { mark }, exclusion: null };
    expect(await previewFilter(ctx, filter)).toMatchObject({ examined: 1, matching: 1 });
    const files = [];
    const item = { seq: 1, kind: "message", itemId: id, source: null } as const;
    for await (const file of contentsOf(ctx, item)) files.push(Buffer.from(file.bytes).toString());
    expect(files).toContain(body);
    const { messageId } = await readMessageAs(ctx, { messageId: id, format: "text" });
    expect(Buffer.from((await getMessageBody(ctx, messageId)).body).toString()).toBe(body);
  });

  test("is what jobs get, byte by byte, also where it is no text", async () => {
    const bytes = randomBytes(50_000);
    const id = await apart(bytes, { contentType: "application/octet-stream", to: clinic.triggers.hook });
    expect(Buffer.from((await getMessageBytes(clinic.ctx, id))?.body ?? "", "base64").equals(bytes)).toBe(
      true,
    );
    // As if it had gone apart while a run waits.
    const [run] = await database.query<{ id: string }>(
      "update runs set state = 'pending', finished_at = null, started_at = null, epoch = epoch + 1, executor_id = null where message_id = $1 returning id",
      [id],
    );
    await database.query("delete from steps where message_id = $1", [id]);
    const runner = new ScriptedRunner();
    await executeRun(testExecutionHost(runner), run?.id ?? "", (_, work) => work());
    expect(JSON.parse(runner.started[0]?.input ?? "{}").data === bytes.toString("base64")).toBe(true);
  });

  test("stays where it is within its hour, and while something of it is still to be done", async () => {
    const young = await clinic.receive(large("young"));
    expect(await move({ now: Date.now() })).toEqual({ moved: 0, isDone: true });
    const waiting = await clinic.receive(large("waiting"), { to: clinic.triggers.hook });
    await move();
    expect(await rowOf(young)).toMatchObject({ bytes: 0 });
    expect(await rowOf(waiting)).toMatchObject({ payload: null });
    await clinic.execute(waiting);
    await move();
    expect(await rowOf(waiting)).toMatchObject({ bytes: 0 });
  });

  test("no larger than the size stays", async () => {
    const exactly = await clinic.receive("x".repeat(20_000), { contentType: "text/plain" });
    const above = await clinic.receive("x".repeat(20_001), { contentType: "text/plain" });
    await move();
    expect((await rowOf(exactly))?.payload).toBeNull();
    expect((await rowOf(above))?.payload).not.toBeNull();
  });
});

describe("what is looked through", () => {
  const mark = () => `needle-${randomUUID()}`;

  test("for a text: messages and runs, and one lost object hides no other", async () => {
    const needle = mark();
    const [first, second] = [
      await apart(large(needle), { to: clinic.triggers.hook }),
      await apart(large(needle)),
    ];
    const { ctx } = clinic;
    const [run] = await database.query<{ id: string }>("select id from runs where message_id = $1", [first]);
    expect((await listRuns(ctx, { text: needle })).items.map(({ id }) => id)).toEqual([run?.id]);
    const scopeOf = newestOf(ctx.project.id);
    const found = async () => [
      ...(await searchMessages(ctx, { text: needle, limit: 10, scopeOf })).hits.keys(),
    ];
    expect(await found()).toEqual([second, first]);
    const lost = (await rowOf(second))?.payload ?? "";
    for (const [name] of objectsOf()) if (name.endsWith(lost)) fs.rmSync(storage.fileOf(name));
    expect(await found()).toEqual([first]);
  });

  test("behind a mask: what is hidden here is hidden there", async () => {
    await setProtection(clinic.ctx, { ...unprotected, masks: ["$.mark"] });
    const needle = mark();
    const id = await apart(large(needle));
    const viewer = clinic.as("viewer");
    const shown = await getMessage(viewer, id);
    expect(shown.body.content).toContain('"form":"note"');
    expect(JSON.stringify(shown)).not.toContain(needle);
    expect((await listMessages(viewer, {})).items[0]?.preview).toBe("•••");
    const scopeOf = newestOf(viewer.project.id);
    expect((await searchMessages(viewer, { text: needle, limit: 10, scopeOf })).hits.size).toBe(0);
    expect((await searchMessages(viewer, { text: "note", limit: 10, scopeOf })).hits.size).toBe(1);
  });

  test("for redactions that are tried", async () => {
    await apart(large(mark()));
    const { paths } = await previewRedactions(clinic.ctx, { redactions: [{ path: "$.data.mark" }] });
    expect(paths).toMatchObject([{ count: 1 }]);
  });

  test("for one person's data, which then goes from the storage, too", async () => {
    const person = mark();
    const id = await apart(large(person));
    const host = { db: database.db, announce: () => {} };
    const { id: requestId } = await findPerson(clinic.ctx, { keys: [{ text: person }] });
    const carryOut = () => carryOutPerson(host, { requestId, projectId: clinic.project.id }, 60_000);
    await carryOut();
    const { items } = await listPersonItems(clinic.ctx, { id: requestId, kind: "message" });
    expect(items.map(({ itemId }) => itemId)).toEqual([id]);
    await wipePerson(clinic.ctx, { id: requestId, reason: "They asked for it" });
    await carryOut();
    expect(await rowOf(id)).toMatchObject({ payload: null, bytes: 0 });
    await clear();
    expect(objectsOf()).toEqual([]);
  });
});

describe("processing again", () => {
  test("many at once: reprocessed by what they say, and each in its line", async () => {
    const ids = [
      await apart(JSON.stringify({ form: "visit", mark: "a", filling: randomBytes(15_000).toString("hex") })),
    ];
    ids.push(
      await apart(JSON.stringify({ form: "visit", mark: "b", filling: randomBytes(15_000).toString("hex") })),
    );
    await database.query("update workflows set order_key = 'data.mark' where id = $1", [
      clinic.workflows.visit,
    ]);
    for (const id of ids) await elevenSecondsLater(id);
    for (const kind of ["reprocess", "rerun"] as const) {
      const act = await startBulk(clinic.ctx, { name: kind, kind, of: { target: "messages", ids } });
      await carryOutBulk(
        { db: database.db, announce: () => {} },
        { actId: act.id, projectId: clinic.project.id },
        10_000,
      );
      const keys = await database.query(
        "select order_key as key from runs where project_id = $1 and bulk_act_id = $2 order by 1",
        [clinic.project.id, act.id],
      );
      expect(keys).toEqual([{ key: "a" }, { key: "b" }]);
      for (const id of ids) await clinic.execute(id);
      for (const id of ids) await elevenSecondsLater(id);
      await move();
      for (const id of ids) expect(await rowOf(id)).toMatchObject({ bytes: 0 });
    }
  });

  test("many at once: those whose objects are not there any more are left out, and said", async () => {
    const body = (mark: string) =>
      JSON.stringify({ form: "visit", mark, filling: randomBytes(15_000).toString("hex") });
    const ids = [await apart(body("there")), await apart(body("lost"))];
    const lost = await rowOf(ids[1] ?? "");
    for (const [name] of objectsOf()) if (name.endsWith(lost?.payload ?? "")) fs.rmSync(storage.fileOf(name));
    for (const kind of ["reprocess", "rerun"] as const) {
      for (const id of ids) await elevenSecondsLater(id);
      const asked = { kind, of: { target: "messages", ids } } as const;
      expect((await previewBulk(clinic.ctx, asked)).refusals.map(({ reason }) => reason)).toEqual(
        kind === "reprocess" ? ["lost"] : [],
      );
      const act = await startBulk(clinic.ctx, { name: kind, ...asked });
      await carryOutBulk(
        { db: database.db, announce: () => {} },
        { actId: act.id, projectId: clinic.project.id },
        10_000,
      );
      expect(await getBulkAct(clinic.ctx, act.id)).toMatchObject({ state: "done", done: 1, runs: 1 });
      expect(
        await database.query(`select item_id as id, reason from bulk_refusals where act_id = $1`, [act.id]),
      ).toEqual([{ id: ids[1], reason: "lost" }]);
      await clinic.execute(ids[0] ?? "");
      await move();
    }
  });

  test("brings the body back first, for whatever the database makes of it", async () => {
    const id = await apart(large("again"), { to: clinic.triggers.hook });
    await database.query("update workflows set order_key = 'data.mark' where id = $1", [
      clinic.workflows.hook,
    ]);
    await elevenSecondsLater(id);
    const { runIds } = await rerunMessage(clinic.ctx, { messageId: id });
    const [run] = await database.query("select order_key as key from runs where id = $1", [runIds[0]]);
    expect(run).toEqual({ key: "again" });
    expect(await rowOf(id)).toMatchObject({ payload: null });
    await clinic.execute(id);
    // Its hour begins anew.
    expect((await move({ now: Date.now() })).moved).toBe(0);
    expect((await move()).moved).toBe(1);
  });

  test("is for who may, of what is theirs: nobody else brings anything back", async () => {
    const id = await apart(large("theirs"));
    const other = await createClinic();
    await expectRefusal(rerunMessage(other.ctx, { messageId: id }), "not_found");
    await expectRefusal(getMessageBody(other.ctx, id), "not_found");
    await expectRefusal(rerunMessage(clinic.as("viewer"), { messageId: id }), "forbidden");
    expect(await rowOf(id)).toMatchObject({ bytes: 0 });
  });

  test("without that, nobody is put into a wrong line", async () => {
    const id = await apart(large("line"), { to: clinic.triggers.hook });
    const key = database.query("select order_key_of('data.mark', $1, $2, null)", [clinic.project.id, id]);
    await expect(key).rejects.toThrow();
  });
});

describe("while the storage is down", () => {
  test("nothing is lost: bodies stay, what lies apart is unavailable, and runs are done later", async () => {
    const body = large("down");
    const id = await apart(body, { to: clinic.triggers.hook });
    const here = await clinic.receive(large("here"));
    await again(id);
    await storage.kill();
    try {
      await expect(move()).rejects.toThrow(BucketError);
      expect(await rowOf(here)).toMatchObject({ payload: null });
      expect(await waitingPayloads(database)).toMatchObject({ waiting: 0 });
      await database.query("update messages set id = id_at(now() - interval '3 hours') where id = $1", [
        here,
      ]);
      expect((await waitingPayloads(database)).waiting).toBe(1);
      await expectRefusal(getMessageBody(clinic.ctx, id), "unavailable");
      await expectRefusal(getMessage(clinic.ctx, id), "unavailable");
      await expectRefusal(rerunMessage(clinic.ctx, { messageId: id }), "unavailable");
      await expect(clinic.execute(id)).rejects.toThrow("lies apart");
      const states = await database.query("select state from runs where message_id = $1", [id]);
      expect(states).toEqual([{ state: "pending" }]);
    } finally {
      await storage.start();
    }
    await clinic.execute(id);
    expect(await database.query("select state from runs where message_id = $1", [id])).toEqual([
      { state: "success" },
    ]);
    expect((await move()).moved).toBe(1);
    expect(await waitingPayloads(database)).toEqual({ waiting: 0, lateMs: 0 });
  });

  test("an object that is not there any more ends the run that needs it, and says so", async () => {
    const id = await apart(large("lost"), { to: clinic.triggers.hook });
    for (const [name] of objectsOf()) fs.rmSync(storage.fileOf(name));
    await expect(getMessageBody(clinic.ctx, id)).rejects.toThrow("not in the storage");
    await again(id);
    await clinic.execute(id);
    expect(await database.query("select state, error_type from runs where message_id = $1", [id])).toEqual([
      { state: "exception", error_type: "DataClipError" },
    ]);
  });

  test("another bucket in its place has lost nothing: it is said, and nothing is done with it", async () => {
    const id = await apart(large("elsewhere"), { to: clinic.triggers.hook });
    const wiped = await apart(large("wiped"));
    const here = await clinic.receive(large("here"));
    await database.transaction((sql) =>
      wipeMessages(sql, { projectId: clinic.project.id, why: "person" }, [wiped]),
    );
    await again(id);
    storage.swap();
    try {
      await expect(move()).rejects.toThrow("another bucket");
      await expect(clear()).rejects.toThrow("another bucket");
      expect(await bucketProblem(database.query)).toContain("another bucket");
      expect(await rowOf(here)).toMatchObject({ payload: null });
      await expectRefusal(getMessageBody(clinic.ctx, id), "unavailable");
      await expect(clinic.execute(id)).rejects.toThrow("another bucket");
      expect([...storage.objects()]).toEqual([]);
    } finally {
      storage.swap();
    }
    await clinic.execute(id);
    expect(await database.query("select state from runs where message_id = $1", [id])).toEqual([
      { state: "success" },
    ]);
    expect((await clear()).deleted).toBeGreaterThan(0);
    expect((await move()).moved).toBeGreaterThan(0);
  });

  test("nothing leaves the database before it was read back and is the same", async () => {
    const id = await clinic.receive(large("forgetful"));
    const real = bucket() as Bucket;
    await expect(move({ to: { ...real, put: async () => {} } })).rejects.toThrow("does not give back");
    await expect(move({ to: { ...real, get: async () => new Uint8Array(100) } })).rejects.toThrow();
    expect(await rowOf(id)).toMatchObject({ payload: null });
  });
});

describe("objects", () => {
  test("of one content are one in a project and two in two, of which neither tells the other", async () => {
    const body = large("same");
    const other = await createClinic();
    const [first, second, foreign] = [
      await clinic.receive(body),
      await clinic.receive(body),
      await other.receive(body),
    ];
    await move();
    const [a, b, c] = [await rowOf(first), await rowOf(second), await rowOf(foreign)];
    expect(a?.payload).toBe(b?.payload);
    expect(a?.payload).not.toBe(c?.payload);
    const [[mine, bytes] = ["", undefined]] = objectsOf();
    const [[theirs] = [""]] = objectsOf(other.project.id);
    expect(mine.split("/")[1]?.slice(0, 64)).not.toBe(theirs.split("/")[1]?.slice(0, 64));

    // A stranger with the id of somebody's payload, and with somebody's object in the place of his own.
    const stolen = [{ body: new Uint8Array(), payload: a?.payload ?? null }];
    await expect(withBodies(database.query, other.project.id, stolen)).rejects.toThrow("taken away");
    fs.writeFileSync(storage.fileOf(theirs), bytes ?? "");
    await expect(getMessageBody(other.ctx, foreign)).rejects.toThrow("is something else");

    const wipe = (id: string) =>
      database.transaction((sql) =>
        wipeMessages(sql, { projectId: clinic.project.id, why: "retention" }, [id]),
      );
    await wipe(first);
    await clear();
    expect(objectsOf()).toHaveLength(1);
    expect(Buffer.from((await getMessageBody(clinic.ctx, second)).body).toString()).toBe(body);
    await wipe(second);
    expect(await clear(0)).toMatchObject({ deleted: 0 });
    // The same comes once more before the object is gone: it gets one of its own.
    const third = await clinic.receive(body);
    await move();
    expect((await rowOf(third))?.payload).not.toBe(a?.payload);
    await clear();
    expect(objectsOf()).toHaveLength(1);
    expect(Buffer.from((await getMessageBody(clinic.ctx, third)).body).toString()).toBe(body);
  });

  test("that were stored by who died before anything referred to them go after a day", async () => {
    const id = await clinic.receive(large("died"));
    const real = bucket() as Bucket;
    let isDead = false;
    const dying: Bucket = {
      ...real,
      put: async (name, bytes) => {
        await real.put(name, bytes);
        isDead = true;
      },
      get: async (name) => {
        if (isDead) throw new BucketError("kill -9");
        return real.get(name);
      },
    };
    await expect(move({ to: dying })).rejects.toThrow("kill -9");
    expect(objectsOf()).toHaveLength(1);
    await clear(0.5);
    expect(objectsOf()).toHaveLength(1);
    await clear(1.5);
    await clear(2);
    expect(objectsOf()).toHaveLength(0);
    expect((await move()).moved).toBe(1);
    expect((await getMessageBody(clinic.ctx, id)).body).toHaveLength((await rowOf(id))?.size ?? 0);
  });

  test("stay as long as the storage does not say that they are gone", async () => {
    const id = await apart(large("stubborn"));
    await database.transaction((sql) =>
      wipeMessages(sql, { projectId: clinic.project.id, why: "person" }, [id]),
    );
    await storage.kill();
    await expect(clear()).rejects.toThrow(BucketError);
    await storage.start();
    expect(objectsOf()).toHaveLength(1);
    expect((await clear()).deleted).toBe(1);
    expect(objectsOf()).toHaveLength(0);
    expect(await database.query("select 1 from payloads where project_id = $1", [clinic.project.id])).toEqual(
      [],
    );
  });

  test("of a project go with it, and it does not go before", async () => {
    await apart(large("purged"));
    const other = await createClinic();
    await apart(large("kept"), {}, other);
    await deleteProject(clinic.ctx, { confirmName: clinic.project.name }, { atOnce: true });
    const purger = { database, announce: () => {}, forgetInEngine: async () => true };
    await storage.kill();
    await expect(carryOutDeletions(purger, 30_000)).rejects.toThrow(BucketError);
    await storage.start();
    expect(await carryOutDeletions(purger, 30_000)).toMatchObject({ projects: 1, isDone: true });
    expect(objectsOf()).toEqual([]);
    expect(objectsOf(other.project.id)).toHaveLength(1);
    for (const table of ["payloads", "payloads_left", "messages"])
      expect(
        await database.query(`select 1 from ${table} where project_id = $1`, [clinic.project.id]),
      ).toEqual([]);
  });
});

test("everything comes back, piece by piece", async () => {
  await database.query("delete from messages where payload is not null");
  const bodies = [large("one"), large("two"), large("three")];
  const ids = [];
  for (const body of bodies) ids.push(await clinic.receive(body));
  await move();
  expect(await bringBack(database, clinic.project.id, ids.slice(0, 1))).toEqual({ moved: 1, lost: [] });
  expect(await moveBack(database, 0)).toMatchObject({ moved: 0, isDone: false });
  const lost = await rowOf(ids[2] ?? "");
  const [[name, object]] = objectsOf().filter(([one]) => one.endsWith(lost?.payload ?? "")) as [
    [string, Buffer],
  ];
  fs.rmSync(storage.fileOf(name));
  await expect(moveBack(database, 60_000)).rejects.toThrow("1 of the bodies");
  fs.writeFileSync(storage.fileOf(name), object);
  expect(await moveBack(database, 60_000)).toEqual({ moved: 1, isDone: true });
  const rows = await database.query<{ body: Buffer }>(
    "select body from messages where project_id = $1 order by id",
    [clinic.project.id],
  );
  expect(rows.map(({ body }) => body.toString())).toEqual(bodies);
  await clear();
  expect(objectsOf()).toEqual([]);
});
