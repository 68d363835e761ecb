import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dispositionOf } from "./content-type";
import { readMultipart } from "./multipart";
import { readBody } from "./read";

const boundary = "----b1";
type Part = { name?: string; filename?: string; type?: string; transfer?: string; data: string | Uint8Array };

function body(parts: Part[], { before = "", end = `--${boundary}--\r\n` } = {}): Uint8Array {
  const written = parts.map(({ name, filename, type, transfer, data }) =>
    Buffer.concat([
      Buffer.from(
        `--${boundary}\r\nContent-Disposition: form-data${name === undefined ? "" : `; name="${name}"`}${filename === undefined ? "" : `; filename="${filename}"`}\r\n${type ? `Content-Type: ${type}\r\n` : ""}${transfer ? `Content-Transfer-Encoding: ${transfer}\r\n` : ""}\r\n`,
      ),
      Buffer.from(data),
      Buffer.from("\r\n"),
    ]),
  );
  return Uint8Array.from(Buffer.concat([Buffer.from(before), ...written, Buffer.from(end)]));
}

const read = (parts: Part[], how?: Parameters<typeof body>[1]) => readMultipart(body(parts, how), boundary);
const jpeg = Uint8Array.from([0xff, 0xd8, 0x0d, 0x0a, 0x2d, 0x2d, 0xff, 0xd9]);

describe("multipart/form-data", () => {
  test("OpenRosa: the form is read as the XML that it is, photos stay where they are", async () => {
    const bytes = body([
      {
        name: "xml_submission_file",
        filename: "s.xml",
        type: "text/xml",
        data: '<data id="h"><n>Zo&#235;</n></data>',
      },
      { name: "1.jpg", filename: "1.jpg", type: "image/jpeg", data: jpeg },
    ]);
    const multipart = await readMultipart(bytes, boundary);
    expect(multipart?.fields).toEqual([
      ["xml_submission_file", { data: { n: "Zoë", "@id": "h" } }],
      ["1.jpg", { name: "1.jpg", type: "image/jpeg", size: 8, file: 0 }],
    ]);
    const [file] = multipart?.files ?? [];
    expect([...bytes.subarray(file?.start, file?.end)]).toEqual([...jpeg]);
  });

  test("what is no XML under OpenRosa's name is a file", async () => {
    const read1 = await read([{ name: "xml_submission_file", filename: "s.xml", data: "<broken" }]);
    expect(read1?.files).toMatchObject([{ field: "xml_submission_file", name: "s.xml" }]);
  });

  test("files nest like fields, an empty file is one, a file that nobody chose is none", async () => {
    const bytes = body([
      { name: "form[photo]", filename: "a.png", type: "image/png", data: "x" },
      { name: "form[none]", filename: "", type: "application/octet-stream", data: "" },
      { name: "form[empty]", filename: "e.txt", type: "text/plain", data: "" },
      { name: "form[tags][]", data: "1" },
      { name: "form[tags][]", data: "2" },
    ]);
    const { view } = (await readBody(bytes, {
      contentType: `multipart/form-data; boundary=${boundary}`,
      contentEncoding: null,
    })) as { view: string };
    expect(JSON.parse(view)).toEqual({
      form: {
        photo: { name: "a.png", type: "image/png", size: 1, file: 0 },
        empty: { name: "e.txt", type: "text/plain", size: 0, file: 1 },
        tags: ["1", "2"],
      },
    });
  });

  test("fields have charsets: their own, the form's, UTF-8, windows-1252", async () => {
    const latin = Buffer.from("R\xe9", "latin1");
    const values = async (...parts: Part[]) => (await read(parts))?.fields.map(([, value]) => value);
    expect(await values({ name: "a", type: "text/plain; charset=iso-8859-1", data: latin })).toEqual(["Ré"]);
    expect(await values({ name: "_charset_", data: "windows-1251" }, { name: "a", data: latin })).toEqual([
      "windows-1251",
      "Rй",
    ]);
    expect(await values({ name: "a", data: "Ré" })).toEqual(["Ré"]);
    expect(await values({ name: "a", data: latin })).toEqual(["Ré"]);
    expect((await read([{ name: "a", data: latin }]))?.charset).toEqual({
      name: "windows-1252",
      from: "assumed",
    });
  });

  test("a field in base64 is decoded, a file says that it is", async () => {
    const base64 = { transfer: "base64", data: "w6k=" };
    expect((await read([{ name: "a", ...base64 }]))?.fields).toEqual([["a", "é"]]);
    expect((await read([{ name: "a", filename: "f", ...base64 }]))?.files).toMatchObject([
      { isBase64: true },
    ]);
  });

  test("a preamble is passed over, a part without a name is told", async () => {
    expect((await read([{ name: "a", data: "1" }], { before: "hello\r\n" }))?.fields).toEqual([["a", "1"]]);
    expect(await read([{ data: "1" }])).toMatchObject({ fields: [], notes: ["unnamed_parts"] });
  });

  test.each<[string, () => ReturnType<typeof read>]>([
    ["cut off", () => read([{ name: "a", data: "1" }], { end: "" })],
    ["another boundary", () => readMultipart(body([{ name: "a", data: "1" }]), "other")],
    ["1,001 parts", () => read(Array.from({ length: 1001 }, () => ({ name: "a", data: "" })))],
    ["a header of 17 KB", () => read([{ name: "a".repeat(17_000), data: "" }])],
    ["nothing", () => readMultipart(new Uint8Array(0), boundary)],
  ])("%s is not read", async (_, made) => expect(await made()).toBeUndefined());

  test("1,000 parts are", async () => {
    const parts = Array.from({ length: 1000 }, (_, i) => ({ name: `a${i}`, data: "" }));
    expect((await read(parts))?.fields).toHaveLength(1000);
  });
});

test.each([
  ['form-data; name="a"; filename="\\"', "a", "\\"],
  ['form-data; filename="C:\\photos\\"; name="a"', "a", "C:\\photos\\"],
  ['form-data; name="a\\"; filename="b\\"c.png"', "a\\", 'b"c.png'],
  ['form-data; name="a\\"b"; filename="\\\\server\\x"', 'a"b', "\\\\server\\x"],
])("%s: a backslash is one, also at the end, and only a quote needs one", (header, name, filename) => {
  expect(dispositionOf(header)).toEqual({ name, filename });
});

test("what the platform's own reader makes of a form, so do we", async () => {
  // The library ends a header at these two, which no sender puts into a name.
  const name = fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 6 })
    .map((text) => text.toWellFormed().replace(/[\u2028\u2029]/g, "-"));
  const entry = fc.record({
    name,
    value: fc.string({ unit: "binary" }).map((text) => text.toWellFormed()),
    filename: fc.option(name),
    bytes: fc.uint8Array({ maxLength: 40 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { minLength: 1, maxLength: 6 }), async (entries) => {
      const form = new FormData();
      for (const one of entries)
        if (one.filename === null) form.append(one.name, one.value);
        else
          form.append(one.name, new Blob([Uint8Array.from(one.bytes)], { type: "image/png" }), one.filename);
      const sent = new Response(form);
      const type = sent.headers.get("content-type") ?? "";
      const bytes = new Uint8Array(await sent.arrayBuffer());
      const theirs = await new Response(bytes, { headers: { "content-type": type } }).formData();
      const ours = await readMultipart(bytes, /boundary=(.*)$/.exec(type)?.[1] ?? "");
      const expected = await Promise.all(
        [...theirs].map(async ([key, value]) => [
          key,
          typeof value === "string" ? value : { name: value.name, bytes: [...(await value.bytes())] },
        ]),
      );
      let files = 0;
      const got = ours?.fields.map(([key, value]) => {
        if (typeof value === "string") return [key, value];
        const file = ours.files[files++];
        return [key, { name: file?.name, bytes: [...bytes.subarray(file?.start, file?.end)] }];
      });
      expect(got).toEqual(expected);
    }),
    { numRuns: 200 },
  );
});
