import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import { messageFunctions } from "@/lib/runner/worker/message";
import { JobTimers } from "@/lib/runner/worker/timers";
import { checkJob, namesOfJobs } from "./check";
import { CompileError, compile } from "./index";

const options = {
  adaptor: "@openfn/language-http",
  exports: ["get", "post", "fn", "each"],
  also: { adaptor: "@openfn/language-collections", exports: ["collections"] },
};

test.each([
  "fn(state => {\n  retrun state;\n});",
  "get($.data.x",
  "import { x } from 'left-pad';",
  "import { nope } from '@openfn/language-http';",
  "fn(() => $.data.x)",
  "import.meta.url",
])("says what a run says, at the same place: %s", (code) => {
  let thrown: unknown;
  try {
    compile(code, options);
  } catch (error) {
    thrown = error;
  }
  if (!(thrown instanceof CompileError)) throw new Error("It compiles.");
  const [remark, ...more] = checkJob(code, options);
  const { said: message, hint = null, line, column } = thrown;
  expect(remark).toMatchObject({ severity: "error", message, hint, line, column });
  expect(code.slice(0, remark?.from).split("\n")).toHaveLength(line);
  expect(more).toEqual([]);
});

test("names what nothing declares, in the words of a run, and what was meant", () => {
  const code = "gett('/a');\nfn(state => fech(state));\n";
  expect(checkJob(code, options)).toEqual([
    expect.objectContaining({
      severity: "warning",
      message: "gett is not defined",
      hint: "Did you mean get?",
      line: 1,
      column: 1,
      from: 0,
      to: 4,
    }),
    expect.objectContaining({ message: "fech is not defined", line: 2, column: 13 }),
  ]);
});

test.each([
  "get('/a'); post($.data); collections.get('x'); fn(state => state)",
  "const mine = 1; fn(() => mine)",
  "fn(({ data, ...rest }) => ({ data, rest, now: new Date(), n: Number(1), b: Buffer.from('') }))",
  "fn(() => typeof fetch)",
  "fn(s => { try { x: for (const a of s) { continue x; } } catch { } })",
  "class A { b = 1 } fn(() => new A().b)",
  "setTimeout(() => {}, 1); hmac('sha256', 'a', 'b'); bytesOf(state.request.rawBody)",
])("says nothing of names that are there: %s", (code) => expect(checkJob(code, options)).toEqual([]));

test("does not guess names of an adaptor of which nothing is known, but reads the code all the same", () => {
  const unknown = { ...options, exports: null };
  expect(checkJob("whatever($.data)", unknown)).toEqual([]);
  expect(checkJob("import { x } from '@openfn/language-http'; x()", unknown)).toEqual([]);
  expect(checkJob("whatever(", unknown)).toHaveLength(1);
});

test("a run's worker gives jobs the names that are said to be given", () => {
  const given = [
    ...Object.keys(messageFunctions(undefined, Buffer.alloc(0))),
    ...Object.keys(new JobTimers().functions()),
  ];
  expect(given.sort()).toEqual([...namesOfJobs].sort());
});

test("warnings are bounded", () => {
  const code = Array.from({ length: 500 }, (_, n) => `fn(() => unknown${n})`).join("\n");
  expect(checkJob(code, options)).toHaveLength(50);
});
