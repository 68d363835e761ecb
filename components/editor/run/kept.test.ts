import { expect, it } from "vitest";
import { type Kept, keep, readKept } from "./kept";

const place = { userId: "ada", workflowId: "visits" };
const id = "0198c2e4-7f3a-7c11-8a55-1b2c3d4e5f60";

function storage(text: string | null = null) {
  let kept = text;
  return {
    getItem: () => kept,
    setItem: (_: string, value: string) => {
      kept = value;
    },
  };
}

it.each<Kept["input"]>([
  { kind: "message", id },
  { kind: "step", id },
  { kind: "dataclip", id, name: "One visit" },
  { kind: "dataclip", id, name: null },
  { kind: "json" },
  { kind: "none" },
])("gives back what was kept: %j", (input) => {
  const tab = storage();
  keep(place, { input, json: '{"a":1}' }, tab);
  expect(readKept(place, tab)).toEqual({ input, json: '{"a":1}' });
});

it.each([
  ["nothing", null],
  ["no JSON", "{"],
  ["another shape", '"text"'],
  ["no input", '{"json":""}'],
  ["an unknown kind", '{"json":"","input":{"kind":"file"}}'],
  ["a message without an id", '{"json":"","input":{"kind":"message"}}'],
  ["an id that is none", '{"json":"","input":{"kind":"step","id":"../x"}}'],
  ["a saved input without a name", `{"json":"","input":{"kind":"dataclip","id":"${id}"}}`],
])("takes %s for nothing", (_, text) => {
  expect(readKept(place, storage(text))).toBeNull();
});

it("keeps no text that is too long", () => {
  const tab = storage();
  keep(place, { input: { kind: "json" }, json: "x".repeat(200_001) }, tab);
  expect(readKept(place, tab)).toEqual({ input: { kind: "json" }, json: "" });
});
