import { inspect } from "node:util";
import { DrizzleQueryError } from "drizzle-orm/errors";
import { expect, test, vi } from "vitest";
import { bareError } from "./bare-error";
import { log } from "./log";

const marker = "Amina-7f3a91c2";

/** As the server's answer becomes an error. */
const ofServer = (code: string, message: string, more: object = {}): Error =>
  Object.assign(new Error(message), { severity: "ERROR", code, ...more });

const wrapped = () =>
  new DrizzleQueryError(
    "insert into t values ($1)",
    [marker, { deep: marker }],
    ofServer("23505", "duplicate key", {
      detail: `Key (name)=(${marker}) already exists.`,
      constraint: "t_name",
    }),
  );

test.each([
  ["a wrapped one", wrapped],
  ["the cause of another", () => new Error("A digest could not be made", { cause: wrapped() })],
  ["one of several", () => new AggregateError([new Error("other"), wrapped()], "several")],
  ["one about a value", () => ofServer("22P02", `invalid input syntax for type uuid: "${marker}" "x"`)],
  [
    "one about JSON",
    () => ofServer("22P02", "invalid input syntax", { where: `JSON data, line 1: ${marker}` }),
  ],
])("of %s nothing of the parameters is left, nor is it in a line of the log", (_, make) => {
  expect(inspect(bareError(make()), { depth: 10, showHidden: true })).not.toContain(marker);
  const write = vi.spyOn(console, "error").mockImplementation(() => {});
  log.error("failed", { error: make() });
  log.error("failed", { inner: { error: make() }, errors: [make()] });
  const said = write.mock.calls.flat().join("\n");
  write.mockRestore();
  expect(said).toContain("failed");
  expect(said).not.toContain(marker);
});

test("what else an error says stays", () => {
  const error = bareError(wrapped());
  expect(error.message).toBe("Failed query: insert into t values ($1)");
  expect(error.stack).toContain("bare-error.test.ts");
  expect(error.cause).toMatchObject({ code: "23505", constraint: "t_name" });
  const mine = new Error('A name "x" is taken');
  expect(bareError(mine).message).toBe('A name "x" is taken');
  const syntax = bareError(ofServer("42703", 'column "naem" does not exist'));
  expect(syntax.message).toBe('column "naem" does not exist');
  expect(bareError("a text")).toBe("a text");
});
