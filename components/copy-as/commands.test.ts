import { execFile, execFileSync } from "node:child_process";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { commands } from "./commands";
import { base64Of, type CopiedRequest, type Language } from "./request";

type Arrived = { method: string; url: string; headers: IncomingHttpHeaders; body: Buffer };
const arrived: Arrived[] = [];
let server: Server;
let origin: string;

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method = "", url = "", headers } = request;
    arrived.push({ method, url, headers, body: Buffer.concat(chunks) });
    response.end("ok");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => arrived.splice(0));
afterAll(() => new Promise((resolve) => server.close(resolve)));

const run = promisify(execFile);
const isThere = (program: string): boolean => {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};

/** How each language's commands are run, many at once, where there is what runs them. */
const ways: Record<Language, { needs: string[]; run: (all: string[]) => Promise<unknown> }> = {
  curl: { needs: ["bash", "curl", "base64"], run: (all) => run("bash", ["-ec", all.join("\n\n")]) },
  python: { needs: ["python3"], run: (all) => run("python3", ["-c", all.join("\n\n")]) },
  javascript: {
    needs: [process.execPath],
    run: (all) => {
      const script = all.map((one) => `{\n${one}\n}`).join("\n");
      return run(process.execPath, ["--input-type=module", "-e", script]);
    },
  },
  powershell: {
    needs: ["pwsh"],
    run: (all) => run("pwsh", ["-NoProfile", "-NonInteractive", "-Command", all.join("\n")]),
  },
};

const awkward = [
  "'",
  '"',
  "\\",
  "$",
  "`",
  "!",
  "\n",
  "\r\n",
  "\t",
  "%",
  "@",
  "&",
  ";",
  "\u2019",
  "é",
  "😀",
  "\u2028",
  "\0",
  "#{x}",
  "$(id)",
  "{}",
];
const text = fc
  .array(fc.oneof(fc.constantFrom(...awkward), fc.string({ unit: "grapheme", maxLength: 6 })), {
    maxLength: 12,
  })
  .map((parts) => parts.join(""))
  .filter((all) => all.isWellFormed());
const body = fc.oneof(
  text.map((all) => ({ bytes: Buffer.from(all), body: { text: all } })),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => ({
    bytes: Buffer.from(bytes),
    body: { base64: base64Of(bytes) },
  })),
);
const headerValue = fc
  .string({ unit: fc.constantFrom(..."ab 0'\"\\$`!;:@{}%&<>()"), minLength: 1, maxLength: 12 })
  .map((value) => value.trim())
  .filter((value) => value !== "");
const request = fc.record({
  content: fc.option(body, { nil: null }),
  type: fc.constantFrom(
    null,
    "application/json",
    "text/plain; charset=utf-8",
    'multipart/form-data; boundary="a\'b"',
  ),
  secret: headerValue,
  query: fc.constantFrom("", "?a[b]=1&c={d}", "?x=it's", "?$a=`b`"),
});

const requestOf = ({
  content,
  type,
  secret,
  query,
}: typeof request extends fc.Arbitrary<infer T> ? T : never): CopiedRequest => ({
  method: content ? "POST" : "GET",
  url: `${origin}/i/one${query}`,
  headers: [...(content && type ? [["content-type", type] as const] : []), ["x-mark", secret]],
  body: content?.body ?? null,
});

const samples = fc.sample(request, { numRuns: 30, seed: 13 });

describe.each(Object.entries(ways))("%s", (language, way) => {
  test.skipIf(!way.needs.every(isThere))(
    "sends what it says, to the byte",
    { timeout: 120_000 },
    async () => {
      const { say } = commands[language as Language];
      await way.run(samples.map((sample) => say(requestOf(sample))));
      expect(arrived).toHaveLength(samples.length);
      for (const [index, sample] of samples.entries()) {
        const { method, url, headers, body } = arrived[index] ?? {};
        const asked = requestOf(sample);
        expect(method).toBe(asked.method);
        expect(decodeURIComponent(url ?? "")).toBe(decodeURIComponent(asked.url.slice(origin.length)));
        expect(body).toEqual(sample.content?.bytes ?? Buffer.alloc(0));
        expect(headers?.["x-mark"]).toBe(sample.secret);
        if (sample.content) expect(headers?.["content-type"] || null).toBe(sample.type);
      }
    },
  );
});

/** What PowerShell makes of a text between single quotes, at the place of one. */
function singleQuoted(script: string, at: number): { text: string; end: number } {
  const isQuote = (char: string | undefined) =>
    char !== undefined && "'\u2018\u2019\u201A\u201B".includes(char);
  let text = "";
  for (let n = at + 1; n < script.length; n += 1) {
    const char = script[n] ?? "";
    if (!isQuote(char)) text += char;
    else if (isQuote(script[n + 1])) text += script[n++];
    else return { text, end: n };
  }
  throw new Error("The text has no end.");
}

test("PowerShell reads every text as it was, by its own rules for quotes", () => {
  fc.assert(
    fc.property(text, (all) => {
      const script = commands.powershell.say({
        method: "POST",
        url: "http://h/i",
        headers: [],
        body: { text: all },
      });
      const [first = ""] = script.split("\nInvoke-WebRequest");
      const found: string[] = [];
      for (let at = first.indexOf("'"); at !== -1 && at < first.length; ) {
        const { text: one, end } = singleQuoted(first, at);
        found.push(one);
        at = first.indexOf("'", end + 1);
      }
      const said = first.includes("FromBase64String")
        ? Buffer.from(found.join(""), "base64").toString()
        : found.join("\n");
      expect(said).toBe(all);
      // A line break in the clipboard may become two characters.
      expect(first).not.toMatch(/[\r\n\t]/);
    }),
  );
});

test("a body that is too long to be shown is read from the file that was downloaded", () => {
  const request = { method: "POST", url: "http://h/i", headers: [], body: { file: "it's.bin" } };
  expect(commands.curl.say(request)).toContain("--data-binary '@it'\\''s.bin'");
  expect(commands.powershell.say(request)).toContain("Resolve-Path 'it''s.bin'");
  expect(commands.python.say(request)).toContain('open("it\'s.bin", "rb").read()');
  expect(commands.javascript.say(request)).toContain('await readFile("it\'s.bin")');
});
