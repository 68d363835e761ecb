import { gzipSync } from "node:zlib";

/** One request body as a public project's sender makes it, rebuilt with inputs of our own. */
export type Payload = {
  /** Sender, event, and what is special about its bytes. */
  name: string;
  contentType: string;
  contentEncoding?: string;
  body: Uint8Array;
  /** What a job is to get, as the format's own reference reads it. */
  data: unknown;
  /** Words that are in it, as a person would look for them. */
  words: string[];
};

/** Who the messages are about. What the names are written in decides which charsets can hold them. */
export type Person = { name: string; place: string; note: string; charsets: string[] };

export const people: Person[] = [
  { name: "Amélie N’Diaye", place: "Région de Thiès", note: "a < b & c > d", charsets: ["windows-1252"] },
  {
    name: "Zoë O'Brien",
    place: "Köln",
    note: 'said "50 %" & left',
    charsets: ["windows-1252", "iso-8859-1"],
  },
  { name: "Иван Петров", place: "Нижний Новгород", note: "1 + 1 = 2; a/b?c#d", charsets: ["windows-1251"] },
  { name: "山田太郎", place: "東京都", note: "手洗い", charsets: ["shift_jis"] },
  { name: "محمد الأمين", place: "نواكشوط", note: "لا شيء", charsets: [] },
  { name: "Ada 😊 Lovelace", place: "Ñuñoa", note: "back\\slash\ttab\nline", charsets: [] },
];

/** The bytes of a text in a charset that can hold it. */
export function encode(text: string, charset: string): Uint8Array {
  if (charset === "utf-8") return Uint8Array.from(Buffer.from(text));
  if (charset === "utf-16le") return Uint8Array.from(Buffer.from(text, "utf16le"));
  if (charset === "utf-16be") return Uint8Array.from(Buffer.from(text, "utf16le").swap16());
  return Uint8Array.from([...text].flatMap((char) => bytesOf(char, charset)));
}

const known = new Map<string, Map<string, number[]>>();

/** The charset's own table, turned round: of one byte, and of two where it has those. */
function bytesOf(char: string, charset: string): number[] {
  const table = known.get(charset) ?? tableOf(charset);
  known.set(charset, table);
  const bytes = table.get(char);
  if (!bytes) throw new Error(`${charset} has no ${char}.`);
  return bytes;
}

/** Node 20 reads windows-1252 as ISO-8859-1; these are the ones that the corpus has. */
const western = new Map([
  ["’", [0x92]],
  ["€", [0x80]],
  ["“", [0x93]],
  ["”", [0x94]],
]);

function tableOf(charset: string): Map<string, number[]> {
  const table = new Map<string, number[]>();
  const add = (bytes: number[]) => {
    try {
      const text = new TextDecoder(charset, { fatal: true }).decode(Uint8Array.from(bytes));
      if ([...text].length === 1 && !table.has(text)) table.set(text, bytes);
    } catch {
      // Not a character of it.
    }
  };
  for (let first = 0; first < 256; first++) add([first]);
  if (charset === "shift_jis")
    for (let first = 0x81; first < 0xfd; first++)
      for (let second = 0x40; second < 0xfd; second++) add([first, second]);
  if (charset === "windows-1252") for (const [char, bytes] of western) table.set(char, bytes);
  return table;
}

export const gzipped = (payload: Payload): Payload => ({
  ...payload,
  name: `${payload.name}, gzip`,
  contentEncoding: "gzip",
  body: Uint8Array.from(gzipSync(payload.body)),
});
