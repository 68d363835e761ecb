import { randomUUID } from "node:crypto";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { beforeAll, expect, test } from "vitest";
import { nodeDecoders } from "@/lib/body/node-decoders";
import { createAuthMethod } from "@/lib/domain/auth-method/create";
import { updateProject } from "@/lib/domain/project/update";
import { type Clinic, createClinic } from "@/lib/testing/clinic";
import { ownTestDatabase } from "@/lib/testing/database";
import { whereverStored } from "@/lib/testing/everywhere";
import { accept, type InboxHost } from "./accept";
import { inboxKeys } from "./keys";
import { DoorMemory } from "./memory";

/**
 * Every form in which senders, and those who mean no good, can put a value into a request: wherever it is redacted, or
 * the request refused, no column of any table holds it, in any of its spellings.
 */
// It looks through every row that there is, so those of other tests are elsewhere.
const database = await ownTestDatabase();
let host: InboxHost;
let clinic: Clinic;
/** What every value of this file begins with: in nothing else of the database. */
const marker = `Zoe${randomUUID().replaceAll("-", "")}`;
beforeAll(async () => {
  const keys = await inboxKeys(process.env.SECRET_KEY ?? "");
  host = { query: database.query, ...keys, maxBodyBytes: 2_000_000, decoders: nodeDecoders };
  clinic = await createClinic();
  await updateProject(clinic.ctx, {
    redactions: [
      ...["$.data..name", "$.data..patient", "$.data..['@name']", "$.request.headers['x-name']"],
      ...["$.request.query_params..name", "$.request.path[*]"],
    ].map((path) => ({ path })),
  });
});

type Form = {
  body: string | Uint8Array;
  type?: string;
  method?: string;
  headers?: Record<string, string>;
  search?: string;
  path?: string[];
};

const units = (text: string) =>
  [...text].map((char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
const percent = (text: string) => [...Buffer.from(text)].map((byte) => `%${byte.toString(16)}`).join("");
const entity = (text: string) => [...text].map((char) => `&#x${char.charCodeAt(0).toString(16)};`).join("");
const json = (name: string) => JSON.stringify({ name });
const utf16be = (text: string) => Buffer.from(`\ufeff${text}`, "utf16le").swap16();
const part = (disposition: string, value: string) =>
  `--b\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n${value}\r\n`;
const multipart = { type: "multipart/form-data; boundary=b" };
const form = { type: "application/x-www-form-urlencoded" };
const xml = { type: "application/xml" };

const forms: Record<string, (name: string) => Form> = {
  "escapes in JSON": (name) => ({ body: `{"n\\u0061me":"${units(name)}"}` }),
  "a key that comes twice": (name) => ({
    body: `{"name":"${name}","name":"x","a":{"name":"${name}","name":{}}}`,
  }),
  "an earlier key whose value is whole": (name) => ({ body: `{"patient":{"a":"${name}"},"patient":1}` }),
  __proto__: (name) => ({ body: `{"__proto__":{"name":"${name}"},"constructor":{"name":"${name}"}}` }),
  "a mark of UTF-8": (name) => ({ body: Buffer.from(`\ufeff${json(name)}`) }),
  "UTF-16 with a mark": (name) => ({ body: Buffer.from(`\ufeff${json(name)}`, "utf16le") }),
  "UTF-16, the other way round": (name) => ({ body: utf16be(json(name)) }),
  "UTF-16 without a mark": (name) => ({ body: Buffer.from(json(name), "utf16le") }),
  "a charset that lies": (name) => ({
    body: Buffer.from(json(name), "latin1"),
    type: "application/json; charset=utf-16le",
  }),
  "deep nesting": (name) => ({ body: `${'{"a":['.repeat(3_000)}${json(name)}${"]}".repeat(3_000)}` }),
  "a list at the top": (name) => ({ body: `[${json(name)},[${json(name)}]]` }),
  "lines of JSON": (name) => ({ body: `${json(name)}\n${json(name)}\n`, type: "application/x-ndjson" }),
  "JSON that ends too early": (name) => ({ body: json(name).slice(0, -1) }),
  "JSON with something behind it": (name) => ({ body: `${json(name)} ${name}` }),
  "NUL in a value": (name) => ({ body: `{"name":"${name}\\u0000"}` }),
  "a lone surrogate": (name) => ({ body: `{"name":"${name}\\ud800"}` }),
  gzip: (name) => ({ body: gzipSync(json(name)), headers: { "content-encoding": "gzip" } }),
  "gzip twice": (name) => ({
    body: gzipSync(gzipSync(json(name))),
    headers: { "content-encoding": "gzip, gzip" },
  }),
  "gzip in two members": (name) => ({
    body: Buffer.concat([gzipSync(json(name).slice(0, 9)), gzipSync(json(name).slice(9))]),
    headers: { "content-encoding": "x-gzip" },
  }),
  deflate: (name) => ({ body: deflateSync(json(name)), headers: { "content-encoding": "deflate" } }),
  "raw deflate": (name) => ({ body: deflateRawSync(json(name)), headers: { "content-encoding": "deflate" } }),
  brotli: (name) => ({ body: brotliCompressSync(json(name)), headers: { "content-encoding": "br" } }),
  "a coding that is none": (name) => ({ body: json(name), headers: { "content-encoding": "gzip" } }),
  "an unknown coding": (name) => ({ body: json(name), headers: { "content-encoding": "zip" } }),
  "XML with attributes, entities and CDATA": (name) => ({
    ...xml,
    body: `<a name="${name}"><name>${entity(name)}</name><name><![CDATA[${name}]]></name></a>`,
  }),
  "XML with entities of its own": (name) => ({
    ...xml,
    body: `<!DOCTYPE a [<!ENTITY n "${name}">]><a><name>&n;</name></a>`,
  }),
  "XML that ends too early": (name) => ({ ...xml, body: `<a><name>${name}</name>` }),
  "a form": (name) => ({ ...form, body: `name=${percent(name)}&patient%5Bx%5D=${name}&name=${name}` }),
  "a form with names that hide others": (name) => ({
    ...form,
    body: `a=1&a[name]=${name}&name[0]=${name}&name=${name}`,
  }),
  "a form without a type": (name) => ({ body: `name=${name}`, type: "" }),
  "parts, files and names of files": (name) => ({
    ...multipart,
    body: `${part('name="name"', name)}${part(`name="patient"; filename="${name}.txt"`, name)}--b--\r\n`,
  }),
  "parts that end too early": (name) => ({ ...multipart, body: part('name="name"', name) }),
  "parts without a boundary": (name) => ({ body: part('name="name"', name), type: "multipart/form-data" }),
  "a part in base64": (name) => ({
    ...multipart,
    body: `--b\r\nContent-Disposition: form-data; name="patient"; filename="x"\r\nContent-Transfer-Encoding: base64\r\n\r\n${btoa(name)}\r\n--b--\r\n`,
  }),
  "a submission of OpenRosa": (name) => ({
    ...multipart,
    headers: { "x-openrosa-version": "1.0" },
    body: `${part('name="xml_submission_file"; filename="s.xml"', `<a><name>${name}</name></a>`).replace("\r\n\r\n", "\r\nContent-Type: text/xml\r\n\r\n")}--b--\r\n`,
  }),
  "a header, the query and the path": (name) => ({
    body: "{}",
    headers: { "x-name": name },
    search: `?name=${percent(name)}&name=${name}&a[name]=${name}`,
    path: [name],
  }),
  "a query that is cut": (name) => ({ body: "{}", search: `?name=${name}%&name=%zz${name}` }),
  "a GET": (name) => ({ body: "", method: "GET", search: `?name=${name}&name=${percent(name)}` }),
  "a HEAD": (name) => ({ body: "", method: "HEAD", search: `?name=${name}`, headers: { "x-name": name } }),
  "more than is taken": (name) => ({ body: `{"name":"${name}","x":"${"x".repeat(2_100_000)}"}` }),
  "a large one": (name) => ({ body: `{"name":"${name}","x":"${"x".repeat(1_500_000)}"}` }),
  text: (name) => ({ body: name, type: "text/plain" }),
  bytes: (name) => ({
    body: Buffer.concat([Buffer.from([0, 255, 0]), Buffer.from(name)]),
    type: "image/png",
  }),
};

async function send(
  to: string,
  { body, type = "application/json", method = "POST", ...form }: Form,
  memory?: DoorMemory,
) {
  const { headers = {}, search = "", path = [] } = form;
  const stream = (async function* () {
    yield Buffer.from(body as string);
  })();
  return accept(
    {
      ...{ method, segments: [to, ...path], search, body: method === "POST" ? stream : null },
      headers: { ...(type ? { "content-type": type } : {}), ...headers },
    },
    { ...host, ...(memory ? { memory } : {}) },
  );
}

/** As the value, its bytes in UTF-16 both ways, its escapes and entities. */
const spellings = () => [
  ...[marker, units(marker), entity(marker), percent(marker)],
  Buffer.from(marker, "utf16le").toString("hex"),
  utf16be(marker).toString("hex").slice(4),
];

test("no column holds a value, however it came: taken, repeated, refused, to strangers and a URL that is off", async () => {
  const sent = Object.values(forms).map((made, n) => made(`${marker}${n}x`));
  const memory = new DoorMemory();
  await database.query("update triggers set takes_get = true where id = $1", [clinic.triggers.hook]);
  for (const to of [clinic.project.inboxId, clinic.triggers.hook])
    for (const [n, one] of sent.entries()) {
      await send(to, one);
      const repeated = { ...one, headers: { ...one.headers, "idempotency-key": `event ${n}` } };
      for (let i = 0; i < 2; i++) await send(to, repeated, memory);
    }
  await database.query("update triggers set enabled = false where id = $1", [clinic.triggers.hook]);
  for (const one of sent) await send(clinic.triggers.hook, one, memory);
  const key = { type: "api", name: "k", apiKey: "a-key-of-the-sender" } as const;
  await createAuthMethod(clinic.ctx, { onInbox: true, ...key });
  for (const one of sent) {
    await send(clinic.project.inboxId, one, memory);
    await send(clinic.project.inboxId, { ...one, headers: { ...one.headers, "x-api-key": "wrong" } });
  }
  // Were these empty, nothing would have been tested.
  const [kept] = await database.query<{ redacted: number; refused: number }>(
    `select (select count(*)::int from messages where project_id = $1 and jsonb_array_length(reading->'redacted') > 0) as redacted,
       (select count(*)::int from refused_requests where project_id = $1) as refused`,
    [clinic.project.id],
  );
  expect(kept?.redacted).toBeGreaterThan(sent.length);
  expect(kept?.refused).toBeGreaterThan(sent.length);
  for (const spelling of spellings()) expect(await whereverStored(spelling)).toEqual([]);
}, 180_000);
