import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { readBody, type Said } from "@/lib/body/read";
import { redact, redactionKey } from "@/lib/crypto/redaction";
import { type Bare, redactMessage } from "./redact";

let key: CryptoKey;
beforeAll(async () => {
  key = await redactionKey(
    "unit-secret-unit-secret-unit-secret-unit",
    "7f8e1a52-8f52-4d8a-9f6a-0d2c7c6f0b11",
  );
});
const form = (text: string) => redact(key, text);

async function bare(
  body: string | Uint8Array,
  contentType: string | null,
  more: Partial<Bare & Said> = {},
): Promise<Bare> {
  const bytes = typeof body === "string" ? Uint8Array.from(Buffer.from(body)) : body;
  const said: Said = { contentType, contentEncoding: more.contentEncoding ?? null };
  const read = await readBody(bytes, said);
  if ("refused" in read) throw new Error("The example cannot be read.");
  const headers = { ...(contentType ? { "content-type": contentType } : {}), ...more.headers };
  return { method: "POST", path: [], query: {}, parameters: undefined, ...more, headers, bytes, said, read };
}

async function redacted(body: Bare, ...paths: string[]) {
  const done = await redactMessage(body, { paths, key });
  if ("refused" in done) throw new Error(`It was refused: ${done.reason}`);
  return { ...done, text: Buffer.from(done.bytes).toString(), data: JSON.parse(done.read.matchable) };
}

const multipart = (...parts: string[]) => `${parts.map((one) => `--b1\r\n${one}\r\n`).join("")}--b1--\r\n`;
const multipartType = 'multipart/form-data; boundary="b1"';

describe("a message whose parts are redacted", () => {
  test("is JSON of which all else stands as it was written", async () => {
    const { text, data, read } = await redacted(
      await bare('{"patient": {"name": "Amina", "n": 1.50}}\n', "application/json"),
      "$.data.patient.name",
      "$.data.nobody",
    );
    expect(text).toBe(`{"patient": {"name": "${await form("Amina")}", "n": 1.50}}\n`);
    expect(data.patient.name).toBe(await form("amina"));
    expect(read.preview).not.toContain("Amina");
    expect(read.reading).toEqual({ redacted: ["$.data.patient.name"] });
  });

  test("is what it was where no path leads into it", async () => {
    const message = await bare('{"a":1}', "application/json");
    const done = await redactMessage(message, { paths: ["$.data.b", "$.request.headers.x"], key });
    expect(done).toMatchObject({ bytes: message.bytes, read: message.read, isBodyChanged: false });
  });

  test("is a form, each of its fields by itself, those that another one hides, too", async () => {
    const { text, data } = await redacted(
      await bare(
        "p[name]=Amina+D%C3%ADallo&p[id]=7&x=1&phone=111&phone=222&p[name]=Zo%C3%AB&",
        "application/x-www-form-urlencoded",
      ),
      "$.data.p",
      "$.data.phone",
    );
    expect(text).toBe(
      `p[name]=${await form("Amina Díallo")}&p[id]=${await form("7")}&x=1&phone=${await form("111")}&phone=${await form("222")}&p[name]=${await form("Zoë")}&`,
    );
    expect(data).toEqual({
      p: { id: await form("7"), name: await form("zoë") },
      x: "1",
      phone: await form("222"),
    });
  });

  test("is XML: text, attributes, and elements with what is in them", async () => {
    const { text, data } = await redacted(
      await bare(
        '<?xml version="1.0"?><v id="9"><!-- a > b --><p lang=\'en\' nr="5">Am&#105;na<!-- Diallo --><![CDATA[ <D>]]></p><p>Binta</p><q x="1" y="&quot;2"/><r>a<s>b</s>c</r></v>',
        "text/xml",
      ),
      "$.data.v.p",
      "$.data.v.q['@y']",
      "$.data.v.r['#text']",
    );
    expect(text).toBe(
      `<?xml version="1.0"?><v id="9"><!-- a > b --><p>${await form("Amina <D>")}</p><p>${await form("Binta")}</p><q x="1" y="${await form('"2')}"/><r>${await form("ac")}<s>b</s></r></v>`,
    );
    expect(data.v.p).toEqual([await form("Amina <D>"), await form("Binta")]);
  });

  test("is a form with files: a field, a file, a file's name, OpenRosa's XML", async () => {
    const body = multipart(
      'Content-Disposition: form-data; name="form[na\u00efve]"\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nAmina',
      'Content-Disposition: form-data; name="id"; filename="amina.jpg"\r\nContent-Type: image/jpeg\r\n\r\nJPEG of Amina',
      'content-disposition: form-data; name="photo"; filename="amina.png"\r\nContent-Type: image/png\r\n\r\nPNG',
      'Content-Disposition: form-data; name="other"\r\n\r\nkept',
      'Content-Disposition: form-data; name="xml_submission_file"; filename="s.xml"\r\nContent-Type: text/xml\r\n\r\n<data id="h"><name>Amina</name><n>2</n></data>',
    );
    const { text, data, read } = await redacted(
      await bare(body, multipartType),
      "$.data.form.*",
      "$.data.id",
      "$.data.photo.name",
      "$.data.photo.size",
      "$..data.name",
    );
    expect(text).not.toMatch(/amina/i);
    expect(data).toMatchObject({
      form: { naïve: await form("Amina") },
      id: await form(btoa("JPEG of Amina")),
      photo: { name: await form("amina.png"), type: "image/png", size: 3 },
      other: "kept",
      xml_submission_file: { data: { name: await form("Amina"), n: "2", "@id": "h" } },
    });
    expect(read.reading?.files).toHaveLength(1);
  });

  test("is decoded first: compressed bodies and other charsets become plain UTF-8", async () => {
    const plain = '{"name":"Amina","city":"Thi\u00e8s"}';
    const zipped = await redacted(
      await bare(Uint8Array.from(gzipSync(plain)), "application/json", {
        contentEncoding: "gzip",
        headers: { "content-encoding": "gzip", "content-length": "60", "content-md5": "abc", "x-kept": "1" },
      }),
      "$.data.name",
    );
    expect(zipped.text).toBe(`{"name":"${await form("Amina")}","city":"Thiès"}`);
    expect(zipped.headers).toEqual({
      "content-type": "application/json",
      "content-length": String(zipped.bytes.length),
      "content-md5": "[REDACTED]",
      "x-kept": "1",
    });
    for (const [charset, bytes] of [
      ["iso-8859-1", Buffer.from(plain, "latin1")],
      ["utf-16le", Buffer.from(plain, "utf16le")],
    ] as const) {
      const { data, headers } = await redacted(
        await bare(Uint8Array.from(bytes), `application/json; charset=${charset}`),
        "$.data.name",
      );
      expect(data, charset).toEqual({ name: await form("Amina"), city: "Thiès" });
      expect(headers["content-type"]).toBe(`application/json; charset=${charset}`);
    }
    const xml = Buffer.from(
      '<?xml version="1.0" encoding="ISO-8859-1"?><a><n>Zo\u00eb</n><m>\u00e9</m></a>',
      "latin1",
    );
    expect((await redacted(await bare(Uint8Array.from(xml), "text/xml"), "$.data.a.n")).data).toEqual({
      a: { n: await form("Zoë"), m: "é" },
    });
    const fields = await redacted(
      await bare("n=Zo%EB&m=%E9", "application/x-www-form-urlencoded; charset=windows-1252"),
      "$.data.n",
    );
    expect(fields.data).toEqual({ n: await form("Zoë"), m: "é" });
  });

  test("has headers, query and path like its body, but keeps what says how to read it", async () => {
    const { headers, query, parameters, path, contentType } = await redacted(
      await bare('{"a":1}', "application/json", {
        headers: { "x-patient": "Amina", "x-other": "1" },
        path: ["visits", "P-7"],
        query: { patient: { id: "P-7" }, page: "1" },
        parameters: [
          ["patient[id]", "P-8"],
          ["patient[id]", "P-7"],
          ["page", "1"],
        ],
      }),
      "$.request.headers.*",
      "$.request.query_params.patient.id",
      "$.request.path[1]",
    );
    const seven = await form("P-7");
    expect(headers).toEqual({
      "content-type": "application/json",
      "x-patient": await form("Amina"),
      "x-other": await form("1"),
    });
    expect(query).toEqual({ patient: { id: seven }, page: "1" });
    expect(parameters).toEqual([
      ["patient[id]", await form("P-8")],
      ["patient[id]", seven],
      ["page", "1"],
    ]);
    expect(path).toEqual(["visits", seven]);
    expect(contentType).toBe("application/json");
  });

  test("is a query, where it is a GET", async () => {
    const get = await bare("", null, { method: "GET", query: { name: "Amina", n: "1" } });
    expect((await redacted(get, "$.data.name")).query).toEqual({ name: await form("Amina"), n: "1" });
  });

  test.each([
    ["text", "Amina came", "text/plain"],
    ["binary", Uint8Array.from([0, 1, 2, 255]), "image/png"],
    ["JSON", '{"a":"Amina"}', "application/json"],
    ["a form", "a=Amina", "application/x-www-form-urlencoded"],
  ])("is a text alone where a path says all of it: %s", async (_, body, type) => {
    const { text, data, read, headers } = await redacted(await bare(body, type), "$.data");
    expect(text).toMatch(/^redacted:[\w-]{22}$/);
    expect([data, read.format, headers["content-type"]]).toEqual([text, "text", "text/plain; charset=utf-8"]);
  });

  test.each([
    ["text", "Amina came", "text/plain"],
    ["JSON that is cut off", '{"name":"Amina"', "application/json"],
    ["XML that is not well-formed", "<a><name>Amina</a>", "text/xml"],
    ["CSV", "name\nAmina", "text/csv"],
    ["HL7", "MSH|^~\\&|A", "application/hl7-v2"],
    ["a multipart form that is cut off", "--b1\r\nContent-Dis", multipartType],
    ["bytes", Uint8Array.from([0, 1, 2, 255]), "image/png"],
  ])("cannot be kept where a path leads into it and it is %s", async (_, body, type) => {
    const message = await bare(body, type);
    expect(await redactMessage(message, { paths: ["$.data.name"], key })).toMatchObject({
      refused: "unredactable",
    });
    expect(await redactMessage(message, { paths: ["$..name"], key })).toMatchObject({
      refused: "unredactable",
    });
    expect(await redactMessage(message, { paths: ["$.request.headers.x"], key })).toMatchObject({
      isBodyChanged: false,
    });
  });

  test("may have so many values redacted, and no more", async () => {
    const many = await bare(JSON.stringify(Array.from({ length: 50_001 }, (_, i) => i)), "application/json");
    expect(await redactMessage(many, { paths: ["$.data[*]"], key })).toMatchObject({ refused: "too_large" });
    expect((await redacted(many, "$.data[0:10]")).data[9]).toBe(await form("9"));
  });

  test("stays as it is when it is redacted again", async () => {
    const paths = ["$.data.name", "$.data.p", "$.request.headers.x-a"];
    const once = await redacted(
      await bare('{"name":"Amina","name":"Binta","p":{"a":[1]}}', "application/json", {
        headers: { "x-a": "1" },
      }),
      ...paths,
    );
    const { text: _, data: __, ...stored } = once;
    const again = await redacted(
      { ...stored, said: { contentType: once.contentType, contentEncoding: null } },
      ...paths,
    );
    expect(again.text).toBe(once.text);
    expect(again.headers).toEqual(once.headers);
  });
});
