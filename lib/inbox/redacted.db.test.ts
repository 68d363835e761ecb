import { createHash, createHmac, randomUUID } from "node:crypto";
import { gzipSync } from "node:zlib";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { redactedForm } from "@/lib/crypto/redacted-form";
import { createAuthMethod } from "@/lib/domain/auth-method/create";
import { keepInput } from "@/lib/domain/dataclip/keep";
import { createMessage } from "@/lib/domain/message/create";
import { getMessage } from "@/lib/domain/message/get";
import { listMessages } from "@/lib/domain/message/list";
import { readMessageAs } from "@/lib/domain/message/read-as";
import { resendMessage } from "@/lib/domain/message/resend";
import { updateProject } from "@/lib/domain/project/update";
import { acceptRefused } from "@/lib/domain/refused/accept";
import { getRefused } from "@/lib/domain/refused/get";
import { listRefused } from "@/lib/domain/refused/list";
import { listRuns } from "@/lib/domain/run/list";
import { startRun } from "@/lib/domain/run/start";
import { type Clinic, createClinic } from "@/lib/testing/clinic";
import { ownTestDatabase } from "@/lib/testing/database";
import { whereverStored } from "@/lib/testing/everywhere";
import { expectAudit, expectRefusal } from "@/lib/testing/fixtures";
import { accept, type InboxHost } from "./accept";
import { inboxKeys } from "./keys";
import { DoorMemory } from "./memory";

// It looks through every row that there is, so those of other tests are elsewhere.
const database = await ownTestDatabase();
let host: InboxHost;
let clinic: Clinic;
let asked: string[] = [];
/** In nothing else of the database. */
let name: string;

beforeAll(async () => {
  const query: InboxHost["query"] = (text, values, statement) => {
    asked.push(statement ?? "answered");
    return database.query(text, values, statement);
  };
  host = { query, ...(await inboxKeys(process.env.SECRET_KEY ?? "")), maxBodyBytes: 5_000_000 };
});
beforeEach(async () => {
  clinic = await createClinic();
  name = `Amina-${randomUUID()}`;
  asked = [];
});

type More = {
  path?: string[];
  search?: string;
  method?: string;
  headers?: Record<string, string>;
} & Partial<InboxHost>;

async function send(to: string, body: string | Uint8Array, more: More = {}) {
  const { path = [], search = "", method = "POST", headers = {}, ...of } = more;
  const stream = async function* () {
    yield Buffer.from(body);
  };
  return accept(
    {
      ...{ method, segments: [to, ...path], search, body: method === "POST" ? stream() : null },
      headers: { "content-type": "application/json", ...headers },
    },
    { ...host, ...of },
  );
}

const redact = (...paths: string[]) =>
  updateProject(clinic.ctx, { redactions: paths.map((path) => ({ path })) });
const formOf = (text: string) => redactedForm(clinic.project.id, text);
const visit = (more = {}) => JSON.stringify({ form: "visit", patient: { id: 7, name }, ...more });
const idOf = (answer: { headers: Record<string, string> }) => answer.headers["x-meta-message-id"] ?? "";
const stored = async (id: string) => {
  const [row] = await database.query<Record<string, unknown>>(
    `select convert_from(case when length(body) > 0 and get_byte(body, 0) = 31 then '' else body end, 'utf8') as body, headers, query, path, preview, size, view, reading, content_type from messages where id = $1`,
    [id],
  );
  return row ?? {};
};
const refusals = async () => (await listRefused(clinic.ctx)).items;

describe("what a project redacts", () => {
  test("is in no table, and stands as its digest where it was", async () => {
    await redact(
      "$.data.patient.name",
      "$.request.headers['x-name']",
      "$.request.query_params.name",
      "$.request.path[1]",
    );
    for (const memory of [undefined, new DoorMemory()])
      for (const url of [clinic.project.inboxId, clinic.triggers.hook])
        for (let i = 0; i < 2; i++) {
          asked = [];
          const answer = await send(url, visit(), {
            ...{
              headers: { "x-name": name, "x-other": "kept" },
              search: `?name=${name}&n=1`,
              path: ["visits", name],
            },
            ...(memory ? { memory } : {}),
          });
          expect(answer.status, answer.body).toBeLessThan(203);
          expect(asked).toEqual(
            memory && i === 1 ? ["inbox-accept-by-rules"] : ["inbox-accept", "inbox-accept-by-rules"],
          );
          const form = await formOf(name);
          const body = visit().replace(name, form);
          expect(await stored(idOf(answer))).toMatchObject({
            ...{ body, size: body.length, view: null, path: ["visits", form], query: { name: form, n: "1" } },
            headers: { "x-name": form, "x-other": "kept" },
            reading: {
              redacted: [
                "$.data.patient.name",
                "$.request.headers['x-name']",
                "$.request.query_params.name",
                "$.request.path[1]",
              ],
            },
          });
        }
    expect(await whereverStored(name)).toEqual([]);
  });

  test("is what jobs, filters, the order of runs and pages see", async () => {
    await redact("$.data.patient.name");
    await database.query("update workflows set order_key = 'data.patient.name' where id = $1", [
      clinic.workflows.visit,
    ]);
    const id = idOf(await send(clinic.project.inboxId, visit()));
    const form = await formOf(name.toUpperCase());
    await clinic.execute(id);
    const [run] = await database.query("select order_key from runs where message_id = $1 limit 1", [id]);
    expect(run).toMatchObject({ order_key: expect.stringContaining(form) });
    const message = await getMessage(clinic.ctx, id);
    expect(message.jobStates.length).toBeGreaterThan(0);
    expect(message.body.content).toContain(form);
    expect(message.preview).toContain(form.slice(0, 20));
    expect(await whereverStored(name)).toEqual([]);
  });

  test("is decoded first, and is in no file of a form", async () => {
    await redact("$.data.patient.name", "$.data.photo", "$.data['p[0]'].name");
    const zipped = await send(clinic.project.inboxId, gzipSync(visit()), {
      headers: { "content-encoding": "gzip" },
    });
    expect(await stored(idOf(zipped))).toMatchObject({ body: visit().replace(name, await formOf(name)) });
    const parts = `--b\r\nContent-Disposition: form-data; name="photo"; filename="${name}.jpg"\r\n\r\n${name}\r\n--b\r\nContent-Disposition: form-data; name="patient[name]"\r\n\r\n${name}\r\n--b--\r\n`;
    await send(clinic.project.inboxId, parts, {
      headers: { "content-type": "multipart/form-data; boundary=b" },
    });
    expect(await whereverStored(name)).toEqual([]);
  });

  test("is the query of a GET, with the beginning that lists show", async () => {
    await redact("$.data.name");
    await database.query("update triggers set takes_get = true where id = $1", [clinic.triggers.hook]);
    const id = idOf(await send(clinic.triggers.hook, "", { method: "GET", search: `?name=${name}&n=1` }));
    expect(await stored(id)).toMatchObject({ query: { name: await formOf(name), n: "1" } });
    expect(await whereverStored(name)).toEqual([]);
  });

  test("is at its place of a path behind a trigger's own name, too", async () => {
    await redact("$.request.path[0]");
    await database.query("update triggers set custom_path = 'visits' where id = $1", [clinic.triggers.hook]);
    for (const memory of [undefined, new DoorMemory()])
      for (let i = 0; i < 2; i++) {
        const answer = await send(clinic.project.id, "{}", {
          path: ["visits", name],
          ...(memory ? { memory } : {}),
        });
        expect(await stored(idOf(answer))).toMatchObject({ path: [await formOf(name)] });
      }
    expect(await whereverStored(name)).toEqual([]);
  });

  test("is by the newest setting, whatever a door remembers", async () => {
    const memory = new DoorMemory();
    await redact("$.data.patient.id");
    await send(clinic.project.inboxId, visit(), { memory });
    await redact("$.data.patient.name");
    const changed = await send(clinic.project.inboxId, visit(), { memory });
    expect(await stored(idOf(changed))).toMatchObject({ reading: { redacted: ["$.data.patient.name"] } });
    await redact();
    const open = await send(clinic.project.inboxId, visit(), { memory });
    expect(await stored(idOf(open))).toMatchObject({ body: visit(), reading: null });
  });

  test("differs between projects, so nobody compares them", async () => {
    const other = await createClinic();
    for (const { ctx, project } of [clinic, other]) {
      await updateProject(ctx, { redactions: [{ path: "$.data.patient.name" }] });
      await send(project.inboxId, visit());
    }
    const rows = await database.query<{ body: string }>(
      "select convert_from(body, 'utf8') as body from messages where project_id = any($1)",
      [[clinic.project.id, other.project.id]],
    );
    expect(new Set(rows.map(({ body }) => body)).size).toBe(2);
    expect(await whereverStored(name)).toEqual([]);
  });
});

describe("whoever looks for a value", () => {
  test("finds the messages and runs that it was redacted in, however it is typed", async () => {
    await redact("$.data.patient['name','id']");
    const full = `Amina  ${name}`;
    const id = idOf(
      await send(clinic.project.inboxId, visit({ patient: { name: full, id: "100742 Bombali" } })),
    );
    await send(clinic.project.inboxId, visit({ patient: { name: "Binta" } }));
    for (const text of [
      full,
      full.toUpperCase(),
      `"${full}"`,
      `visit "amina ${name}"`,
      '"100742 Bombali" visit',
      "100742 bombali",
      await formOf(full),
    ]) {
      const { items } = await listMessages(clinic.ctx, { text });
      expect(
        items.map((one) => one.id),
        text,
      ).toEqual([id]);
      const runs = await listRuns(clinic.ctx, { text });
      expect(new Set(runs.items.map((one) => one.messageId)), text).toEqual(new Set([id]));
    }
    for (const text of [name, "Amina-", `${full} referral`]) {
      const { items } = await listMessages(clinic.ctx, { text });
      expect(items, text).toEqual([]);
    }
    await redact();
    expect((await listMessages(clinic.ctx, { text: full })).items).toHaveLength(1);
  });

  test("finds nothing of another project's", async () => {
    const other = await createClinic();
    for (const { ctx, project } of [clinic, other]) {
      await updateProject(ctx, { redactions: [{ path: "$..name" }] });
      await send(project.inboxId, visit());
    }
    const { items } = await listMessages(other.ctx, { text: await formOf(name) });
    expect(items).toEqual([]);
  });
});

describe("a message whose body cannot be redacted", () => {
  const text = () => `Visit of ${name}`;

  test("is refused with the reason, and listed without anything of it", async () => {
    await redact("$.data.patient.name", "$.request.headers['x-name']");
    const plain = { headers: { "content-type": "text/plain", "x-name": name } };
    for (const memory of [undefined, new DoorMemory()])
      for (let i = 0; i < 2; i++) {
        const answer = await send(clinic.project.inboxId, text(), {
          ...plain,
          ...(memory ? { memory } : {}),
        });
        expect(answer.status).toBe(415);
        expect(answer.body).toContain("redacted before it is stored");
      }
    const rows = await refusals();
    expect(rows.map(({ cause, hasBody, preview }) => [cause, hasBody, preview])).toEqual(
      Array.from({ length: 4 }, () => ["unredactable", false, ""]),
    );
    const { headers } = await getRefused(clinic.ctx, { id: rows[0]?.id ?? "" });
    expect(headers["x-name"]).toBe(await formOf(name));
    await expectRefusal(acceptRefused(clinic.ctx, { id: rows[0]?.id ?? "" }), "invalid");
    expect(await whereverStored(name)).toEqual([]);
  });

  test("is told so by those alone whom its sender's credentials let in", async () => {
    await redact("$.data.patient.name");
    await createAuthMethod(clinic.ctx, {
      onInbox: true,
      type: "api",
      name: "k",
      apiKey: "a-key-of-the-sender",
    });
    const memory = new DoorMemory();
    const plain = { "content-type": "text/plain" };
    const by = async (headers: Record<string, string>) =>
      (await send(clinic.project.inboxId, text(), { headers: { ...plain, ...headers }, memory })).status;
    expect(await by({})).toBe(401);
    expect(await by({ "x-api-key": "wrong" })).toBe(404);
    expect(await by({ "x-api-key": "a-key-of-the-sender" })).toBe(415);
    expect(await by({ "x-api-key": "wrong" })).toBe(404);
    expect(await by({})).toBe(401);
    expect(await whereverStored(name)).toEqual([]);
  });

  test("is stored as it came once nothing is redacted any more, whatever a door remembers", async () => {
    const memory = new DoorMemory();
    await redact("$.data.patient.name");
    await send(clinic.project.inboxId, text(), { headers: { "content-type": "text/plain" }, memory });
    await redact();
    const answer = await send(clinic.project.inboxId, text(), {
      headers: { "content-type": "text/plain" },
      memory,
    });
    expect(answer.status).toBe(202);
    expect(await stored(idOf(answer))).toMatchObject({ body: text() });
    expect((await whereverStored(name)).join()).toContain("messages");
  });
});

describe("a request that is refused", () => {
  const names = { "x-name": "", "content-type": "application/json" };

  test("is kept redacted, whatever the cause, also when the door knows nothing of the URL", async () => {
    await redact("$..name", "$.request.headers['x-name']", "$.request.path.*");
    await createAuthMethod(clinic.ctx, { onInbox: true, type: "hmac", name: "gh", secret: "topsecret-hmac" });
    const said = { headers: { ...names, "x-name": name }, search: `?name=${name}`, path: [name] };
    for (const memory of [undefined, new DoorMemory()]) {
      const of = memory ? { memory } : {};
      for (const headers of [
        {},
        { "x-api-key": "wrong" },
        { "x-hub-signature-256": `sha256=${"0".repeat(64)}` },
        { "content-encoding": "br2" },
        { "content-length": "6000000" },
      ])
        await send(clinic.project.inboxId, visit(), {
          ...said,
          ...of,
          headers: { ...said.headers, ...headers },
        });
      await send(clinic.project.inboxId, `${name} `.repeat(40_000), { ...said, ...of });
      await database.query("update triggers set enabled = false where id = $1", [clinic.triggers.hook]);
      await send(clinic.triggers.hook, visit(), { ...said, ...of });
      await database.query("update triggers set enabled = true where id = $1", [clinic.triggers.hook]);
    }
    expect(new Set((await refusals()).map(({ cause }) => cause))).toEqual(
      new Set([
        "no_credentials",
        "wrong_credentials",
        "wrong_signature",
        "unreadable",
        "too_large",
        "disabled",
      ]),
    );
    expect(await whereverStored(name)).toEqual([]);
  });

  test("becomes the redacted message, by what is redacted now as well", async () => {
    await redact("$.data.patient.name");
    await database.query("update triggers set enabled = false where id = $1", [clinic.triggers.hook]);
    await send(clinic.triggers.hook, visit(), { search: "?patient=P-7" });
    await database.query("update triggers set enabled = true where id = $1", [clinic.triggers.hook]);
    const [refused] = await refusals();
    await redact("$.data.patient.name", "$.data.patient.id", "$.request.query_params.patient");
    const { messageId } = await acceptRefused(clinic.ctx, { id: refused?.id ?? "" });
    expect(await stored(messageId)).toMatchObject({
      body: `{"form":"visit","patient":{"id":"${await formOf("7")}","name":"${await formOf(name)}"}}`,
      query: { patient: await formOf("P-7") },
    });
    expect(await whereverStored(name)).toEqual([]);
  });
});

describe("a delivery that its sender names", () => {
  const event = { headers: { "idempotency-key": "event-1" } };
  const deliveries = () =>
    database.query<{ id: Buffer; content: Buffer; times: number }>(
      "select delivery_id as id, content, times from deliveries where project_id = $1",
      [clinic.project.id],
    );

  test("is recognised by what it was when it came, before and after something is redacted", async () => {
    const first = idOf(await send(clinic.project.inboxId, visit(), event));
    await redact("$.data.patient.name");
    const again = await send(clinic.project.inboxId, visit(), event);
    expect([idOf(again), again.headers["x-waybill-repeat"]]).toEqual([first, "1"]);
    const other = { headers: { "idempotency-key": "event-2" } };
    const second = idOf(await send(clinic.project.inboxId, visit(), other));
    expect(second).not.toBe(first);
    await redact();
    const late = await send(clinic.project.inboxId, visit(), other);
    expect([idOf(late), late.headers["x-waybill-repeat"]]).toEqual([second, "1"]);
    const changed = await send(clinic.project.inboxId, visit({ n: 2 }), other);
    expect(changed.headers["x-waybill-repeat"]).toBeUndefined();
  });

  test("leaves no digest that whoever has the rest of the message could make", async () => {
    await redact("$.data.patient.name");
    await updateProject(clinic.ctx, { deliveryId: { path: "data.patient.name" } });
    const first = await send(clinic.project.inboxId, visit());
    expect((await send(clinic.project.inboxId, visit())).headers["x-waybill-repeat"]).toBe("1");
    const sha = (data: string | Buffer) => createHash("sha256").update(data).digest();
    const plain = [
      sha(`data.patient.name\0text ${name}`),
      sha(Buffer.concat([sha(visit()), Buffer.from(JSON.stringify([[], []]))])),
    ];
    const rows = await deliveries();
    expect(rows).toHaveLength(1);
    for (const one of plain)
      expect(rows.some(({ id, content }) => one.equals(id) || one.equals(content))).toBe(false);
    expect(idOf(first)).not.toBe("");
  });
});

describe("a sender's signature", () => {
  test("is checked by what was sent, and does not stay with what was redacted", async () => {
    await redact("$.data.patient.name");
    const secret = "topsecret-hmac-of-the-sender";
    for (const [label, method, header] of [
      ["gh", { preset: "github" }, "x-hub-signature-256"],
      [
        "own",
        {
          preset: "generic",
          header: "x-signed",
          algorithm: "sha256",
          encoding: "hex",
          prefix: "sha256=",
        },
        "x-signed",
      ],
    ] as const)
      await createAuthMethod(clinic.ctx, {
        onInbox: true,
        type: "hmac",
        name: label,
        secret,
        ...method,
      } as never).then(async () => {
        const signature = `sha256=${createHmac("sha256", secret).update(visit()).digest("hex")}`;
        for (const memory of [undefined, new DoorMemory(), new DoorMemory()]) {
          const answer = await send(clinic.project.inboxId, visit(), {
            headers: { [header]: signature },
            ...(memory ? { memory } : {}),
          });
          expect(answer.status, `${label} ${answer.body}`).toBe(202);
          expect(await stored(idOf(answer))).toMatchObject({ headers: { [header]: "[REDACTED]" } });
        }
      });
    expect(await whereverStored(name)).toEqual([]);
  });
});

describe("what people bring", () => {
  test("is redacted by the same paths: messages by hand, edited copies, read in another way, inputs", async () => {
    await redact("$.data.patient.name", "$.data.patient.phones");
    const form = await formOf(name);
    const { messageId } = await createMessage(clinic.ctx, { body: visit() });
    expect(await stored(messageId)).toMatchObject({
      body: visit().replace(name, form),
      reading: { redacted: expect.any(Array) },
    });
    const copy = await resendMessage(clinic.ctx, { messageId, body: visit({ edited: true }) });
    expect((await stored(copy.messageId)).body).toBe(visit({ edited: true }).replace(name, form));
    const again = await readMessageAs(clinic.ctx, { messageId, format: "json" });
    expect((await stored(again.messageId)).body).toBe(visit().replace(name, form));
    await keepInput(clinic.ctx, { name: "One visit", json: { data: { patient: { name, phones: ["1"] } } } });
    await startRun(clinic.ctx, { workflowId: clinic.workflows.hook, json: { data: { patient: { name } } } });
    const clips = await database.query<{ body: string }>(
      "select body from dataclips where project_id = $1 order by id",
      [clinic.project.id],
    );
    expect(clips.map(({ body }) => JSON.parse(body))).toEqual([
      { data: { patient: { name: form, phones: await formOf('["1"]') } } },
      { data: { patient: { name: form } } },
    ]);
    expect(await whereverStored(name)).toEqual([]);
  });

  test("is refused where it cannot be, and then nothing is stored", async () => {
    await redact("$.data.patient.name");
    await expectRefusal(createMessage(clinic.ctx, { body: name, contentType: "text/plain" }), "invalid");
    const { messageId } = await createMessage(clinic.ctx, { body: visit() });
    await expectRefusal(readMessageAs(clinic.ctx, { messageId, format: "text" }), "invalid");
    await expectRefusal(resendMessage(clinic.ctx, { messageId, body: `${visit()}}` }), "invalid");
    expect(await whereverStored(name)).toEqual([]);
  });

  test("is redacted in a copy of what came before anything was", async () => {
    const id = idOf(await send(clinic.project.inboxId, visit(), { search: `?name=${name}&name=x` }));
    await redact("$..name");
    const copy = await resendMessage(clinic.ctx, { messageId: id, body: visit() });
    const form = await formOf(name);
    expect(await stored(copy.messageId)).toMatchObject({
      body: visit().replace(name, form),
      query: { name: await formOf("x") },
      reading: {
        parameters: [
          ["name", form],
          ["name", await formOf("x")],
        ],
      },
    });
  });
});

describe("the setting", () => {
  test("is the owner's and admins', is audited, and keeps null where there never was one", async () => {
    await updateProject(clinic.ctx, { redactions: [] });
    const redactions = async () =>
      (await database.query("select redactions from projects where id = $1", [clinic.project.id]))[0];
    expect(await redactions()).toEqual({ redactions: null });
    await redact("$.data.name");
    await expectAudit("project.update", clinic.project.id);
    await redact();
    expect(await redactions()).toEqual({ redactions: [] });
    for (const role of ["editor", "viewer"] as const)
      await expectRefusal(updateProject(clinic.as(role), { redactions: [] }), "forbidden");
  });

  test.each([
    ["$", "all of a message"],
    ["data.name", "It begins with"],
    ["$.patient.name", "A path begins with $.data"],
    ["$.headers.x", "A path begins with $.data"],
    ["$.request.method", "is in headers, query_params, path"],
    ["$.request.headers['content-type']", "never redacted"],
    ["$.request.headers['X-Patient']", "small letters"],
    ["$.data[?@.a]", "no filter"],
    ["$..a..b", "once at most"],
  ])("refuses %s with what to do", async (path, part) => {
    await expect(redact(path)).rejects.toThrow(part);
  });
});
