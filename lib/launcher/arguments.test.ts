import { expect, it } from "vitest";
import { strangeArgument } from "./arguments.mjs";

const string = { type: "string" } as const;
const options = { email: string, password: string, sample: { type: "boolean" } } as const;

it.each([
  [["--emial", "a@b.c"], "create takes no --emial. Did you mean --email?"],
  [["--scopes=read"], "create takes no --scopes. It takes --email, --password, --sample."],
  [["--email", "a@b.c", "more"], 'create takes no "more". It takes --email, --password, --sample.'],
  [["sample"], 'create takes no "sample". Did you mean --sample?'],
  [["--email", "a", "--email", "b"], "--email stands there more than once."],
  [["-e", "a"], "create takes no -e. It takes --email, --password, --sample."],
])("says what is strange in %j", (args, sentence) => {
  expect(strangeArgument("create", args, options)).toBe(sentence);
});

it("says nothing of what is obeyed", () => {
  expect(strangeArgument("create", ["--email", "a@b.c", "--sample", "--password=--x"], options)).toBeNull();
  expect(strangeArgument("start", [], {})).toBeNull();
  expect(strangeArgument("start", ["--port", "3001"], {})).toBe(
    "start takes no --port. start takes no arguments.",
  );
});
