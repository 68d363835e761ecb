import { randomUUID } from "node:crypto";
import { gzipSync } from "node:zlib";
import { unzipSync } from "fflate";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Database } from "@/db/client";
import { redactedForm } from "@/lib/crypto/redacted-form";
import type { Context } from "@/lib/domain/context";
import { keepInput } from "@/lib/domain/dataclip/keep";
import { resendMessage } from "@/lib/domain/message/resend";
import { startRun } from "@/lib/domain/run/start";
import { limits } from "@/lib/limits";
import { type Clinic, createClinic, elevenSecondsLater } from "@/lib/testing/clinic";
import { ownTestDatabase } from "@/lib/testing/database";
import { expectAudit, expectRefusal } from "@/lib/testing/fixtures";
import { failure } from "@/lib/testing/scripted-runner";
import { rowsOf } from "@/lib/testing/tenant-rows";
import { carryOutPerson } from "./carry-out";
import { certificateText, checkCertificate, getCertificate } from "./certificates";
import { endPerson, forgetPersons, keptDays } from "./end";
import { exportPerson } from "./export";
import { getPerson, listPersonItems } from "./get";
import type { PersonHost } from "./rows";
import type { findPersonInput } from "./schemas";
import { findPerson } from "./start";
import { wipePerson } from "./wipe";

let database: Database;
let host: PersonHost;
const reason = "They asked for it";
let clinic: Clinic;
let ctx: Context;

/** Of its own: every table of it is looked through. */
beforeAll(async () => {
  database = await ownTestDatabase();
  host = { db: database.db, announce: () => {} };
});

beforeEach(async () => {
  clinic = await createClinic();
  ctx = clinic.ctx;
});

type Key = Parameters<typeof findPersonInput.parse>[0] extends never
  ? never
  : { text: string; isPart?: boolean } | { path: string; value: string };

/** Goes on with it until it is over or waits. */
async function carriedOut(id: string, of = ctx) {
  await carryOutPerson(host, { requestId: id, projectId: of.project.id }, 120_000);
  return getPerson(of, id);
}

async function find(...keys: (string | Key)[]) {
  const { id } = await findPerson(ctx, {
    keys: keys.map((key) => (typeof key === "string" ? { text: key } : key)),
  });
  return carriedOut(id);
}

async function wiped(id: string, how: Partial<Parameters<typeof wipePerson>[1]> = {}) {
  await wipePerson(ctx, { id, reason, ...how });
  return carriedOut(id);
}

const countsOf = ({ kinds }: Awaited<ReturnType<typeof getPerson>>) =>
  Object.fromEntries(kinds.map(({ kind, count }) => [kind, count]));

const itemsOf = async (id: string, kind: Parameters<typeof listPersonItems>[1]["kind"]) =>
  (await listPersonItems(ctx, { id, kind, limit: 100 })).items;

/** Every table of every schema with a row of which any column holds the text, in any of its spellings. */
async function holders(text: string): Promise<string[]> {
  const tables = await database.query<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p', 'm') and n.nspname !~ '^(pg_|information_schema)' order by 1`,
  );
  const spellings = [
    text,
    Buffer.from(text).toString("hex"),
    encodeURIComponent(text),
    encodeURIComponent(text).replaceAll("%20", "+"),
  ];
  const found: string[] = [];
  for (const { name } of tables) {
    const [row] = await database.query<{ n: number }>(
      `select count(*)::int as n from ${name} t where exists (
         select 1 from unnest($1::text[]) s (text) where position(lower(s.text) in lower(to_jsonb(t)::text)) > 0)`,
      [spellings],
    );
    if (row && row.n > 0) found.push(name);
  }
  return found;
}

/** A person whom nobody else is. */
const somebody = () => {
  const id = randomUUID().slice(0, 13);
  return { id: `P-${id}`, name: `Zoë Nkosi ${id}` };
};

/** A message about somebody, and all that can be made of it: outputs, an error with details, logs, a second attempt. */
async function visit(person: { id: string; name: string }, search = `?for=${person.id}`) {
  const message = await clinic.receive({ form: "visit", patient: person }, { search });
  await clinic.execute(
    message,
    ({ job }) =>
      job.name === "Payment"
        ? {
            ...failure("JobError", `No account of ${person.name}`),
            connections: [
              {
                host: "money.example",
                port: 443,
                address: "1.2.3.4",
                bytesSent: 9,
                bytesReceived: 9,
                durationMs: 1,
              },
            ],
          }
        : { output: JSON.stringify({ data: { patient: { id: person.id }, said: "hello" } }) },
    [{ seq: 0, at: Date.now(), level: "info", source: "JOB", message: `Paying ${person.name}` }],
  );
  return message;
}

describe("finding", () => {
  test("finds a message and all that was made of it, and nobody else's", async () => {
    const person = somebody();
    const message = await visit(person);
    await visit({ ...person, id: `${person.id}2`, name: "another" });
    const request = await find(person.id);
    expect(request).toMatchObject({ state: "found", progress: 1, found: 4 });
    expect(countsOf(request)).toEqual({ message: 1, step: 3 });
    expect(request.recipients).toEqual([{ host: "money.example", steps: 1 }]);
    const [item] = await itemsOf(request.id, "message");
    expect(item).toMatchObject({ itemId: message, via: "found" });
    expect(item?.places.toSorted()).toEqual(["body", "query"]);
    expect(item?.excerpt).toContain(person.id);
  });

  test("finds part of a word only when it is asked to", async () => {
    const person = somebody();
    await clinic.receive({ patient: `${person.id}X` });
    expect(await find(person.id)).toMatchObject({ found: 0 });
    expect(await find({ text: person.id, isPart: true })).toMatchObject({ found: 1 });
  });

  test("reads bodies as they are meant: compressed, in other charsets, forms, XML, escapes, parts, files", async () => {
    const { name } = somebody();
    const json = JSON.stringify({ name });
    const ascii = json.replace("ë", "\\u00eb");
    const parts = (file: string) =>
      [
        "--x",
        'Content-Disposition: form-data; name="f"; filename="f.csv"',
        "Content-Type: text/csv",
        ...file.split("\n"),
        "--x--",
        "",
      ].join("\r\n");
    const multipart = { contentType: "multipart/form-data; boundary=x" };
    const sent = [
      await clinic.receive(gzipSync(json), { encoding: "gzip" }),
      await clinic.receive(ascii),
      await clinic.receive(Buffer.from(json, "latin1"), {
        contentType: "application/json; charset=iso-8859-1",
      }),
      await clinic.receive(Buffer.from(json, "utf16le"), {
        contentType: "application/json; charset=utf-16le",
      }),
      await clinic.receive(new URLSearchParams({ name }).toString(), {
        contentType: "application/x-www-form-urlencoded",
      }),
      await clinic.receive(`<a><b>${name.replace("ë", "&#235;")}</b></a>`, {
        contentType: "application/xml",
      }),
      await clinic.receive(parts(`\nid,name\n1,${name}`), multipart),
      await clinic.receive(
        parts(`Content-Transfer-Encoding: base64\n\n${Buffer.from(`1,${name}`).toString("base64")}`),
        multipart,
      ),
      await clinic.receive(Buffer.concat([Buffer.from([0, 255, 1]), Buffer.from(name), Buffer.from([0])]), {
        contentType: "application/octet-stream",
      }),
      await clinic.receive("{}", { path: ["visits", name] }),
    ];
    const request = await find(name.toUpperCase());
    const found = await itemsOf(request.id, "message");
    expect(found.map(({ itemId }) => itemId)).toEqual(sent);
  });

  test("follows a path, however the value is written, and takes what was made of what it finds", async () => {
    const id = randomUUID();
    const here = await visit({ id: `  ${id.toUpperCase()} `, name: "A" });
    await clinic.receive({ other: id });
    const number = await clinic.receive('{"form":"visit","patient":{"id":12345678901234567890}}');
    const request = await find({ path: "$.data.patient.id", value: id });
    expect((await itemsOf(request.id, "message")).map(({ itemId }) => itemId)).toEqual([here]);
    expect(countsOf(request)).toMatchObject({ message: 1, step: 3 });
    const numbered = await find({ path: "$.data.patient.id", value: "12345678901234567890" });
    expect((await itemsOf(numbered.id, "message")).map(({ itemId }) => itemId)).toEqual([number]);
    const byQuery = await find({ path: "$.query.for", value: `  ${id.toUpperCase()} ` });
    expect(countsOf(byQuery)).toMatchObject({ message: 1 });
  });

  test("finds what was redacted at intake by the value itself", async () => {
    const person = somebody();
    const form = await redactedForm(ctx.project.id, person.name);
    const message = await clinic.receive({ patient: { name: form } });
    for (const key of [person.name, { path: "$.data.patient.name", value: person.name }]) {
      const request = await find(key);
      expect((await itemsOf(request.id, "message")).map(({ itemId }) => itemId)).toEqual([message]);
    }
  });

  test("follows a copy without the key, and runs that began with what a step returned", async () => {
    const person = somebody();
    const message = await visit(person, "");
    const { messageId: copy } = await resendMessage(ctx, {
      messageId: message,
      body: '{"form":"visit","patient":"?"}',
    });
    await clinic.execute(copy);
    const [made] = await database.query<{ id: string }>(
      "select output_dataclip_id as id from steps where message_id = $1 and output_dataclip_id is not null limit 1",
      [message],
    );
    const { runId } = await startRun(ctx, { workflowId: clinic.workflows.hook, dataclipId: made?.id ?? "" });
    await database.query("update dataclips set body = '{}' where id = $1", [made?.id]);
    const request = await find(person.id);
    const messages = await itemsOf(request.id, "message");
    expect(messages.map(({ itemId, via }) => [itemId, via])).toEqual([
      [message, "found"],
      [copy, "made"],
    ]);
    await executeAll(runId);
    const again = await find(person.id);
    expect((await itemsOf(again.id, "step")).map((item) => item.runId)).toContain(runId);
  });

  test("finds one who is named nowhere but in a log, an error, an output, an input or a name", async () => {
    const people = {
      log: somebody(),
      error: somebody(),
      output: somebody(),
      input: somebody(),
      named: somebody(),
    };
    const message = await clinic.receive({ form: "visit" });
    await clinic.execute(
      message,
      ({ job }) =>
        job.name === "Payment"
          ? failure("JobError", `Of ${people.error.name}`)
          : { output: JSON.stringify({ data: people.output }) },
      [
        {
          seq: 0,
          at: Date.now(),
          level: "info",
          source: "JOB",
          message: `{"n":"${encodeURIComponent(people.log.name)}"}`,
        },
      ],
    );
    await keepInput(ctx, { name: `Of ${people.named.id}`, json: { data: people.input } });
    for (const [where, { name, id }] of Object.entries(people)) {
      const request = await find(name, id);
      const [expected] = where === "input" || where === "named" ? ["saved_input"] : ["step"];
      expect([where, Object.keys(countsOf(request))]).toEqual([where, expect.arrayContaining([expected])]);
    }
  });

  test("says nothing of another project's", async () => {
    const person = somebody();
    const stranger = await createClinic();
    await stranger.receive({ patient: person });
    await visit(person);
    const { id } = await findPerson(stranger.ctx, { keys: [{ text: person.id }] });
    expect(countsOf(await carriedOut(id, stranger.ctx))).toEqual({ message: 1 });
  });

  test("goes on where it was ended, at whichever statement, and finds the same", async () => {
    const person = somebody();
    await visit(person);
    const whole = countsOf(await find(person.id));
    const { id } = await findPerson(ctx, { keys: [{ text: person.id }] });
    let crashes = 0;
    // Dies at the first statement, then at the second, and so on: each time a new process goes on with what is left.
    for (let survives = 0; ; survives++) {
      const done = await carryOutPerson(
        { ...host, db: dyingAfter(survives) },
        { requestId: id, projectId: ctx.project.id },
        120_000,
      ).catch(() => null);
      if (done) break;
      crashes++;
    }
    expect(crashes).toBeGreaterThan(10);
    expect(countsOf(await getPerson(ctx, id))).toEqual(whole);
  });

  test("ends, saying why, when a key is in too much", async () => {
    const { id } = await findPerson(ctx, { keys: [{ text: "visit" }] });
    await database.query("update person_requests set found = $2 where id = $1", [id, limits.personItems]);
    await clinic.receive({ form: "visit" });
    await database.query("update person_requests set until = uuid_v7() where id = $1", [id]);
    expect(await carriedOut(id)).toMatchObject({
      state: "failed",
      keys: null,
      problem: expect.stringContaining("50,000"),
    });
  });

  test("refuses keys that say nothing, paths that are none, and who may not", async () => {
    for (const keys of [
      [],
      [{ text: "a." }],
      [{ path: "patient", value: "x" }],
      [{ path: "$..a..b", value: "x" }],
    ])
      await expect(findPerson(ctx, { keys })).rejects.toThrow();
    for (const role of ["editor", "viewer"] as const)
      await expectRefusal(findPerson(clinic.as(role), { keys: [{ text: "Amina" }] }), "forbidden");
    const { id } = await findPerson(clinic.as("admin"), { keys: [{ text: "Amina" }] });
    expect(JSON.stringify(await expectAudit("person.find", id))).not.toContain("Amina");
  });
});

/** A database that is gone after so many statements, in transactions or not. */
function dyingAfter(survives: number): typeof database.db {
  let statements = 0;
  const dying = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(of, name) {
        const value = Reflect.get(of, name, of);
        if (typeof value !== "function") return value;
        if (name === "transaction")
          return (work: (tx: object) => unknown) => value.call(of, (tx: object) => work(dying(tx)));
        if (!["execute", "insert", "update", "delete", "select", "$count"].includes(String(name)))
          return value.bind(of);
        return (...given: unknown[]) => {
          if (statements++ >= survives) throw new Error("killed");
          return value.apply(of, given);
        };
      },
    });
  return dying(database.db);
}

async function executeAll(runId: string) {
  const { executeRun } = await import("@/lib/execution/execute-run");
  const { testExecutionHost } = await import("@/lib/testing/execution-host");
  const { ScriptedRunner } = await import("@/lib/testing/scripted-runner");
  await executeRun(testExecutionHost(new ScriptedRunner()), runId, (_, work) => work());
}

describe("exporting", () => {
  test("gives all that was found, with a manifest, and says so in the audit", async () => {
    const person = somebody();
    const message = await visit(person);
    const { id } = await find(person.id);
    const files = unzipSync(
      new Uint8Array(await new Response(await exportPerson(ctx, { id })).arrayBuffer()),
    );
    const text = (name: string) => Buffer.from(files[name] ?? []).toString();
    expect(text(`messages/${message}.body.json`)).toContain(person.name);
    const manifest = JSON.parse(text("manifest.json"));
    expect(manifest.files.map(({ name }: { name: string }) => name)).toEqual(
      Object.keys(files).filter((name) => name !== "manifest.json"),
    );
    expect(Object.keys(files).filter((name) => name.endsWith(".log.txt"))).toHaveLength(3);
    expect(Object.keys(files).filter((name) => name.endsWith(".output.json"))).toHaveLength(3);
    await expectAudit("person.export", id);
    await expectRefusal(exportPerson(clinic.as("editor"), { id }), "forbidden");
  });
});

describe("wiping", () => {
  test("leaves no column of any table that holds a key, and a certificate that anybody can check", async () => {
    const person = somebody();
    await visit(person);
    await clinic.receive(gzipSync(JSON.stringify({ patient: person })), { encoding: "gzip" });
    await everywhere(person);
    expect(await holders(person.id)).not.toEqual([]);
    const request = await find(person.id, person.name);
    const done = await wiped(request.id, { kinds: [...usual, "saved_input"] });
    expect(done).toMatchObject({ state: "wiped", keys: null, problem: null });
    expect(await holders(person.id)).toEqual([]);
    expect(await holders(person.name)).toEqual([]);
    const again = await find(person.id, person.name);
    expect(again.found).toBe(0);
    await endPerson(ctx, { id: again.id });

    const id = done.certificateId ?? "";
    const certificate = await getCertificate(ctx, { id });
    expect(certificate).toMatchObject({
      isIntact: true,
      reason,
      left: [],
      recipients: ["money.example"],
      byLabel: ctx.actor.label,
    });
    expect(certificate.wiped).toEqual(expect.arrayContaining([{ kind: "message", count: 2 }]));
    const check = async (key: Key) => (await checkCertificate(ctx, { id, key })).isNamed;
    expect(await check({ text: person.name.toUpperCase() })).toBe(true);
    expect(await check({ text: "somebody else" })).toBe(false);
    const text = await certificateText(ctx, { id });
    expect(text).toContain(certificate.things);
    expect(text).not.toContain(person.id);
    await expectAudit("person.certify", id);
    await database.query(
      "update wipe_certificates set content = jsonb_set(content, '{reason}', '\"another\"') where id = $1",
      [id],
    );
    expect((await getCertificate(ctx, { id })).isIntact).toBe(false);
  });

  test("touches nothing of others, in the project or elsewhere", async () => {
    const [person, other] = [somebody(), somebody()];
    const stranger = await createClinic();
    await stranger.receive({ patient: person });
    const before = await rowsOf(stranger.project.id);
    const kept = await visit(other);
    await visit(person);
    const { id } = await find(person.id);
    await wiped(id);
    expect(await rowsOf(stranger.project.id)).toEqual(before);
    expect(countsOf(await find(other.id))).toEqual({ message: 1, step: 3 });
    const [row] = await database.query<{ wiped_at: Date | null }>(
      "select wiped_at from messages where id = $1",
      [kept],
    );
    expect(row?.wiped_at).toBeNull();
  });

  test("leaves what it was told to leave, and named inputs unless they are asked for", async () => {
    const person = somebody();
    await visit(person);
    const second = await clinic.receive({ patient: person });
    await keepInput(ctx, { name: "Practice", json: { data: person } });
    const { id } = await find(person.id);
    const leave = (await itemsOf(id, "message"))
      .filter(({ itemId }) => itemId === second)
      .map(({ seq }) => seq);
    const done = await wiped(id, { leave });
    const { left } = await getCertificate(ctx, { id: done.certificateId ?? "" });
    expect(left).toEqual([
      { kind: "message", count: 1 },
      { kind: "saved_input", count: 1 },
    ]);
    expect(countsOf(await find(person.id))).toEqual({ message: 1, saved_input: 1 });
  });

  test("waits for what a run has in hand, wipes the rest, and goes on when it has ended", async () => {
    const person = somebody();
    await visit(person);
    const waiting = await clinic.receive({ form: "visit", patient: person });
    const { id } = await find(person.id);
    const first = await wiped(id);
    expect(first).toMatchObject({ state: "wiping", waiting: 1 });
    await clinic.execute(waiting, () => ({ output: JSON.stringify({ data: person }) }));
    await database.query("update person_requests set next_at = now() where id = $1", [id]);
    expect(await carriedOut(id)).toMatchObject({ state: "wiped" });
    expect(await holders(person.id)).toEqual([]);
  });

  test("is carried out once however often it is asked for, and cannot be ended on the way", async () => {
    const person = somebody();
    await visit(person);
    const { id } = await find(person.id);
    await wipePerson(ctx, { id, reason });
    await expectRefusal(wipePerson(ctx, { id, reason }), "conflict");
    await expectRefusal(endPerson(ctx, { id }), "conflict");
    await Promise.all(
      [1, 2, 3].map(() => carryOutPerson(host, { requestId: id, projectId: ctx.project.id }, 60_000)),
    );
    expect(await carriedOut(id)).toMatchObject({ state: "wiped", found: 4 });
    const certificates = await database.query("select 1 from wipe_certificates where request_id = $1", [id]);
    expect(certificates).toHaveLength(1);
  });

  test("is whole although it ended at every single statement", async () => {
    const person = somebody();
    await visit(person);
    await everywhere(person);
    const { id } = await find(person.id, person.name);
    await wipePerson(ctx, { id, reason, kinds: [...usual, "saved_input"] });
    let crashes = 0;
    for (let survives = 0; ; survives++) {
      const done = await carryOutPerson(
        { ...host, db: dyingAfter(survives) },
        { requestId: id, projectId: ctx.project.id },
        120_000,
      ).catch(() => null);
      if (done) break;
      crashes++;
    }
    expect(crashes).toBeGreaterThan(50);
    expect(await getPerson(ctx, id)).toMatchObject({ state: "wiped" });
    expect(await holders(person.id)).toEqual([]);
    expect(await database.query("select 1 from wipe_certificates where request_id = $1", [id])).toHaveLength(
      1,
    );
  });

  test("keeps what the clock's next run begins with, unless it is asked for", async () => {
    const person = somebody();
    const message = await visit(person);
    await database.query("update triggers set type = 'cron', cron_cursor_job_id = $2 where id = $1", [
      clinic.triggers.hook,
      clinic.jobs.referral,
    ]);
    const request = await find(person.id);
    expect(countsOf(request)).toMatchObject({ cursor: 1 });
    const done = await wiped(request.id);
    const stored = () =>
      database.query<{ body: string | null }>(
        "select d.body from steps s join dataclips d on d.id = s.output_dataclip_id where s.message_id = $1 and s.job_id = $2",
        [message, clinic.jobs.referral],
      );
    expect((await stored())[0]?.body).toContain(person.id);
    expect((await getCertificate(ctx, { id: done.certificateId ?? "" })).left).toEqual(
      expect.arrayContaining([{ kind: "cursor", count: 1 }]),
    );
    const again = await find(person.id);
    await wiped(again.id, { kinds: ["step", "cursor"] });
    expect((await stored())[0]?.body).toBeNull();
  });

  test("refuses a reason that names the person, nothing at all, and who may not", async () => {
    const person = somebody();
    await visit(person);
    const { id } = await find(person.id, { path: "$.data.patient.name", value: person.name });
    for (const words of [`Of ${person.id}, who asked`, `Because ${person.name} asked`])
      await expectRefusal(wipePerson(ctx, { id, reason: words }), "invalid");
    await expectRefusal(wipePerson(ctx, { id, reason, kinds: ["audit"] }), "invalid");
    await expectRefusal(wipePerson(clinic.as("editor"), { id, reason }), "forbidden");
  });
});

const usual = [
  "message",
  "step",
  "run",
  "input",
  "refused",
  "issue",
  "audit",
  "bulk_act",
  "notice",
  "mail",
  "note",
] as const;

/** Rows about somebody in every other table that can have some, as they may be there. */
async function everywhere({ id, name }: { id: string; name: string }) {
  const { id: project } = ctx.project;
  await keepInput(ctx, { name: `Of ${id}`, json: { data: { name } } });
  await database.query("update projects set inbox_enabled = false where id = $1", [project]);
  await clinic.receive({ patient: name }, { search: `?id=${id}` }).catch(() => {});
  await database.query("update projects set inbox_enabled = true where id = $1", [project]);
  const made: [string, unknown[]][] = [
    [
      `insert into issues (project_id, workflow_id, error_type, title, fingerprint, run_state, first_seen_at, last_seen_at, last_run_id)
       values ($1, $2, 'JobError', $3, gen_random_uuid()::text, 'failed', now(), now(), gen_random_uuid())`,
      [project, clinic.workflows.visit, `No account of ${name}`],
    ],
    [
      `insert into audit_events (project_id, actor_type, actor_label, event, item_id, before, after)
       values ($1, 'system', 'x', 'dataclip.name', 'x', jsonb_build_object('name', $2::text), jsonb_build_object($2::text, jsonb_build_array($3::text, 1)))`,
      [project, `Of ${id}`, name],
    ],
    [
      `insert into bulk_acts (project_id, name, kind, target, filter, state, until, total, is_more, created_by_label)
       values ($1, $2, 'rerun', 'messages', jsonb_build_object('text', $3::text), 'done', uuid_v7(), 0, false, 'me')`,
      [project, `All of ${name}`, id],
    ],
    [
      `insert into notices (project_id, kind, key, user_id, lane, subject, state)
       select $1, 'issue', gen_random_uuid()::text, m.user_id, m.user_id, $2, 'sent' from project_members m where m.project_id = $1`,
      [project, `No account of ${name}`],
    ],
    [
      `insert into mails ("to", subject, text) values ('x@example.org', 'A run failed', $1)`,
      [`No account of ${name}: http://x/p/${project}/runs/1`],
    ],
    [
      `insert into step_attempts (step_id, attempt, started_at, finished_at, exit_reason, error_message, error, log_lines, waits_until)
       select id, 1, now(), now(), 'fail', $2, jsonb_build_object('type', 'JobError', 'message', $2::text), 0, now() from steps where project_id = $1 limit 1`,
      [project, `No account of ${name}`],
    ],
    [
      `insert into reveals (project_id, user_id, message_id, reason, ends_at)
       select project_id, user_id, gen_random_uuid(), $2, now() from project_members where project_id = $1`,
      [project, `To call ${name} back`],
    ],
    ["update runs set order_key = $2 where project_id = $1", [project, id]],
    [
      "update steps set reply_status = 200, reply_body = $2 where project_id = $1",
      [project, JSON.stringify({ name })],
    ],
  ];
  for (const [text, values] of made) await database.query(text, values);
}

describe("the end of a search", () => {
  test("throws away the key and what was found, by a person or after two weeks", async () => {
    const person = somebody();
    await visit(person);
    const [one, two] = [await find(person.id), await find(person.id)];
    expect(await endPerson(ctx, { id: one.id })).toMatchObject({ state: "cancelled", keys: null });
    await forgetPersons(host);
    expect(await getPerson(ctx, two.id)).toMatchObject({ state: "found" });
    await database.query(
      "update person_requests set beat_at = now() - make_interval(days => $2, hours => 1) where id = $1",
      [two.id, keptDays],
    );
    await forgetPersons(host);
    expect(await getPerson(ctx, two.id)).toMatchObject({ state: "expired", keys: null, kinds: [] });
    await expectRefusal(wipePerson(ctx, { id: two.id, reason }), "conflict");
    await elevenSecondsLater(randomUUID());
  });
});
