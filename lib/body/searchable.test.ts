import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Seeker } from "@/lib/search/seeker";
import { searchTerms } from "@/lib/search/terms";
import { corpus } from "@/lib/testing/corpus";
import { nodeDecoders } from "./node-decoders";
import { readBody } from "./read";
import { searchableTexts } from "./searchable";

type Sent = { body: Uint8Array; contentType: string; contentEncoding?: string };

/** What a body is found in: as the inbox reads and stores it, and the search reads it again. */
async function textsOf({ body, contentType, contentEncoding }: Sent): Promise<string[]> {
  const read = await readBody(body, { contentType, contentEncoding: contentEncoding ?? null }, nodeDecoders);
  if ("refused" in read) throw new Error(read.refused);
  const { format, reading, view } = read;
  const texts: string[] = [];
  for await (const text of searchableTexts({ format, reading, body, view })) texts.push(text);
  return texts;
}

function isFound(texts: string[], search: string): boolean {
  const seeker = new Seeker(searchTerms(search));
  for (const text of texts) seeker.look(text);
  return seeker.isDone;
}

/** Every text in what a job gets, keys too. Of a file, what a person reads: its name. */
function wordsIn(value: unknown): string[] {
  if (typeof value === "string") return value.split(/\s+/);
  if (typeof value === "number") return [String(value)];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) =>
    Array.isArray(value) ? wordsIn(one) : [...key.replace(/^[@#]\w*/, "").split(/\s+/), ...wordsIn(one)],
  );
}

const payloads = corpus();

test.each(payloads.map((payload) => [payload.name, payload] as const))(
  "any word finds %s",
  async (_, payload) => {
    const texts = await textsOf(payload);
    for (const word of [...payload.words, ...wordsIn(payload.data)]) {
      if (word === "") continue;
      expect(isFound(texts, word), word).toBe(true);
      expect(isFound(texts, word.toUpperCase().toLowerCase()), word).toBe(true);
    }
    expect(isFound(texts, "Word-that-nobody-wrote")).toBe(false);
    expect(isFound(texts, `${payload.words[0] ?? ""} Word-that-nobody-wrote`)).toBe(false);
  },
);

const jsonEscaped = (text: string, isEscaped: boolean[]) =>
  [...JSON.stringify(text).slice(1, -1)]
    .map((char, at) =>
      isEscaped[at % isEscaped.length] && /[^\\"/bfnrtu0-9a-f]/.test(char)
        ? [...Array(char.length).keys()]
            .map((unit) => `\\u${char.charCodeAt(unit).toString(16).padStart(4, "0")}`)
            .join("")
        : char,
    )
    .join("");
const percent = (char: string) => [...Buffer.from(char)].map((byte) => `%${byte.toString(16)}`).join("");
const formEscaped = (text: string, isEscaped: boolean[]) =>
  [...text]
    .map((char, at) => (isEscaped[at % isEscaped.length] ? percent(char) : encodeURIComponent(char)))
    .join("");
const xmlEscaped = (text: string, isEscaped: boolean[]) =>
  [...text]
    .map((char, at) =>
      isEscaped[at % isEscaped.length] || /[<>&]/.test(char) ? `&#${char.codePointAt(0)};` : char,
    )
    .join("");

const writers: [string, (text: string, isEscaped: boolean[]) => string][] = [
  ["application/json", (text, is) => `{"note":"${jsonEscaped(text, is)}"}`],
  ["application/x-www-form-urlencoded", (text, is) => `note=${formEscaped(text, is)}`],
  ["application/xml", (text, is) => `<a><note>${xmlEscaped(text, is)}</note></a>`],
  ["text/plain", (text) => `note: ${text}`],
];

const letter = fc.constantFrom(...("aZ09éÉßжŁ山😊%_&<>'\"\\/+=.;#".match(/./gu) ?? []));
const word = fc.string({ unit: letter, minLength: 1, maxLength: 8 });

test("however a sender escapes and compresses it, a message is found by its words, and by no others", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(word, { minLength: 1, maxLength: 5 }),
      fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }),
      fc.constantFrom(...writers),
      fc.boolean(),
      async (words, isEscaped, [contentType, write], isZipped) => {
        const plain = Buffer.from(write(words.join(" "), isEscaped));
        const body = Uint8Array.from(isZipped ? gzipSync(plain) : plain);
        const texts = await textsOf({ body, contentType, ...(isZipped ? { contentEncoding: "gzip" } : {}) });
        for (const one of words) expect(isFound(texts, `"${one.replaceAll('"', '""')}"`), one).toBe(true);
        const phrase = words.join(" ").replaceAll('"', '""');
        expect(isFound(texts, `"${phrase}"`), phrase).toBe(true);
        expect(isFound(texts, `${words[0]}☃`)).toBe(false);
      },
    ),
    { numRuns: 300 },
  );
});
