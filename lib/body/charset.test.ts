import { describe, expect, test } from "vitest";
import { charsetName, decodeAs, decodeBody } from "./charset";
import type { Kind } from "./content-type";

const bytesOf = (...bytes: number[]) => Uint8Array.from(bytes);
const latin = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
const utf16be = (text: string) => Uint8Array.from(Buffer.from(text, "utf16le").swap16());
const utf16le = (text: string) => Uint8Array.from(Buffer.from(text, "utf16le"));

describe("the names of the WHATWG's Encoding standard", () => {
  test.each([
    ["iso-8859-1", "windows-1252"],
    ["ISO_8859-1", "windows-1252"],
    ["latin1", "windows-1252"],
    ["us-ascii", "windows-1252"],
    ["Windows-1252", "windows-1252"],
    [" UTF8 ", "utf-8"],
    ["unicode-1-1-utf-8", "utf-8"],
    ["x-sjis", "shift_jis"],
    ["gb2312", "gbk"],
    ["iso-8859-9", "windows-1254"],
    ["ks_c_5601-1987", "euc-kr"],
    ["latin9", undefined],
    ["klingon", undefined],
    ["", undefined],
  ])("%s is %s", (label, name) => expect(charsetName(label)).toBe(name));
});

describe("what bytes stand for", () => {
  test.each<[string, Uint8Array, string]>([
    ["windows-1252", bytesOf(0x80, 0x92, 0xe9, 0x81, 0x9f), "€’é\u0081Ÿ"],
    ["windows-1251", bytesOf(0xcf, 0xf0, 0xe8), "При"],
    ["koi8-r", bytesOf(0xf0, 0xd2, 0xc9), "При"],
    ["iso-8859-2", bytesOf(0xb1, 0xea), "ąę"],
    ["iso-8859-15", bytesOf(0xa4, 0xbd), "€œ"],
    ["windows-1256", bytesOf(0xe3, 0xd1), "مر"],
    ["shift_jis", bytesOf(0x83, 0x65, 0x83, 0x58), "テス"],
    ["euc-jp", bytesOf(0xc6, 0xfc), "日"],
    ["iso-2022-jp", bytesOf(0x1b, 0x24, 0x42, 0x46, 0x7c, 0x1b, 0x28, 0x42), "日"],
    ["gb18030", bytesOf(0xc4, 0xe3, 0x81, 0x30, 0x81, 0x30), "你\u0080"],
    ["gbk", bytesOf(0xc4, 0xe3), "你"],
    ["big5", bytesOf(0xa4, 0xa4), "中"],
    ["euc-kr", bytesOf(0xb0, 0xa1), "가"],
    ["utf-16le", utf16le("né😊"), "né😊"],
    ["utf-16be", utf16be("né😊"), "né😊"],
  ])("%s", (name, bytes, text) => expect(decodeAs(bytes, name)).toBe(text));

  test.each<[string, Uint8Array]>([
    ["utf-8", bytesOf(0xe9)],
    ["utf-8", bytesOf(0xed, 0xa0, 0x80)],
    ["utf-16le", bytesOf(0x00, 0xd8, 0x41, 0x00)],
    ["shift_jis", bytesOf(0x83)],
  ])("nothing, where they are no %s", (name, bytes) => expect(decodeAs(bytes, name)).toBeUndefined());

  test("every byte is a character of windows-1252, however many there are", () => {
    const all = Uint8Array.from({ length: 100_000 }, (_, i) => i % 256);
    expect(decodeAs(all, "windows-1252")).toHaveLength(100_000);
  });
});

type Expected = [
  text: string | undefined,
  charset: string | undefined,
  from?: string | undefined,
  ...notes: string[],
];

describe("how a body's charset is found", () => {
  test.each<[string, Uint8Array, Kind, string | undefined, Expected]>([
    ["UTF-8 is assumed", Buffer.from("né"), "text", undefined, ["né", undefined]],
    ["a UTF-8 mark is left out", Buffer.from("\ufeffné"), "text", undefined, ["né", undefined]],
    ["the content type", latin("n\xe9"), "text", "iso-8859-1", ["né", "windows-1252", "declared"]],
    ["a mark before the content type", Buffer.from("\ufeffné"), "text", "iso-8859-1", ["né", undefined]],
    ["a UTF-16 mark", utf16le("\ufeffné"), "json", undefined, ["né", "utf-16le", "mark"]],
    ["a UTF-16BE mark", utf16be("\ufeffné"), "unknown", undefined, ["né", "utf-16be", "mark"]],
    ["utf-16 without a mark", utf16be("<a/>"), "xml", "utf-16", ["<a/>", "utf-16be", "declared"]],
    [
      "UTF-16 of Chinese has no zeros",
      utf16le("患者姓名"),
      "text",
      "utf-16le",
      ["患者姓名", "utf-16le", "declared"],
    ],
    ["the zeros of UTF-16 JSON", utf16le('{"a":1}'), "json", undefined, ['{"a":1}', "utf-16le", "pattern"]],
    ["the zeros of UTF-16BE XML", utf16be("<a>é</a>"), "xml", undefined, ["<a>é</a>", "utf-16be", "pattern"]],
    [
      "an XML declaration",
      latin('<?xml version="1.0" encoding="ISO-8859-1"?><a>\xe9</a>'),
      "xml",
      undefined,
      ['<?xml version="1.0" encoding="ISO-8859-1"?><a>é</a>', "windows-1252", "document"],
    ],
    [
      "the content type before the XML declaration",
      Buffer.from("<?xml version='1.0' encoding='iso-8859-1'?><a>é</a>"),
      "xml",
      "utf-8",
      ["<?xml version='1.0' encoding='iso-8859-1'?><a>é</a>", undefined, "declared"],
    ],
    [
      "not a declaration of UTF-16 that can be read byte by byte",
      Buffer.from('<?xml version="1.0" encoding="utf-16"?><a>é</a>'),
      "xml",
      undefined,
      ['<?xml version="1.0" encoding="utf-16"?><a>é</a>', undefined, undefined, "charset_mismatch"],
    ],
    [
      "MSH-18",
      latin("MSH|^~\\&|A|B|C|D|1||ADT^A01|1|P|2.5||||||8859/1\rPID|||Zo\xeb"),
      "hl7",
      undefined,
      ["MSH|^~\\&|A|B|C|D|1||ADT^A01|1|P|2.5||||||8859/1\rPID|||Zoë", "windows-1252", "document"],
    ],
    [
      "MSH-18 in the frame of MLLP, the first of its repetitions",
      Buffer.from("\x0bMSH|^~\\&|A|B|C|D|1||ADT^A01|1|P|2.5||||||UNICODE UTF-8~ASCII\rPID|||Zoë\x1c\r"),
      "hl7",
      undefined,
      ["\x0bMSH|^~\\&|A|B|C|D|1||ADT^A01|1|P|2.5||||||UNICODE UTF-8~ASCII\rPID|||Zoë\x1c\r", undefined],
    ],
    [
      "windows-1252 for what says it is text",
      latin("Zo\xeb \x92"),
      "text",
      undefined,
      ["Zoë ’", "windows-1252", "assumed"],
    ],
    ["the same for JSON", latin('{"a":"\xe9"}'), "json", undefined, ['{"a":"é"}', "windows-1252", "assumed"]],
    ["nothing for bytes that say nothing", latin("Zo\xeb"), "unknown", undefined, [undefined, undefined]],
    ["nothing for a picture", latin("\xff\xfeabcd"), "media", undefined, [undefined, undefined]],
    [
      "nothing for what only claims to be text",
      latin("\xff\x00\x01"),
      "text",
      undefined,
      [undefined, undefined],
    ],
    [
      "an unknown charset says so",
      Buffer.from("é"),
      "text",
      "klingon",
      ["é", undefined, undefined, "charset_unknown"],
    ],
    [
      "a false one says so",
      latin("\xe9"),
      "text",
      "utf-8",
      ["é", "windows-1252", "assumed", "charset_mismatch"],
    ],
    [
      "a false one of UTF-8",
      Buffer.from("é ü x"),
      "text",
      "utf-16",
      ["é ü x", undefined, undefined, "charset_mismatch"],
    ],
  ])("%s", (_, bytes, kind, declared, [text, charset, from, ...notes]) => {
    const decoded = decodeBody(bytes, { kind, declared, chosen: undefined });
    expect(decoded?.text).toBe(text);
    expect(decoded?.charset).toEqual(charset === undefined ? undefined : { name: charset, from });
    if (decoded) expect(decoded.notes).toEqual(notes);
  });

  test("a person's choice is above all, and does not fit or does", () => {
    const said = { kind: "text" as const, declared: "utf-8", chosen: "windows-1251" };
    expect(decodeBody(bytesOf(0xcf), said)).toMatchObject({
      text: "П",
      charset: { name: "windows-1251", from: "chosen" },
    });
    expect(decodeBody(bytesOf(0xcf), { ...said, chosen: "utf-8" })).toBeUndefined();
    expect(decodeBody(bytesOf(0xcf), { ...said, chosen: "klingon" })).toBeUndefined();
  });
});
