import { expect, test } from "vitest";
import { memberPathBefore } from "./member-path";

const at = (root: string, path: (string | number)[], partial: string, form: string) => ({
  root,
  path,
  partial,
  form,
});

test.each([
  ["state.", at("state", [], "", "dot")],
  ["x = state.data.pa", at("state", ["data"], "pa", "dot")],
  ["$.data?.items[0].na", at("$", ["data", "items", 0], "na", "dot")],
  ["s.data?.[1]['post code'].x", at("s", ["data", 1, "post code"], "x", "dot")],
  ["state\n    .data\n    .pa", at("state", ["data"], "pa", "dot")],
  ['state["da', at("state", [], "da", "quoted")],
  ["state.data[", at("state", ["data"], "", "bracket")],
  ["state.data[1", at("state", ["data"], "1", "bracket")],
  ["...state.", at("state", [], "", "dot")],
])("%j", (text, expected) => expect(memberPathBefore(text)).toMatchObject(expected));

test.each(["", "state", "f().", "a[b].", "1.", "].", '"', "state.data['a", " .", "x ? .5", "[0]."])(
  "%j is none, or one without a root",
  (text) => {
    const found = memberPathBefore(text);
    if (text === "state.data['a") expect(found?.path).toEqual(["data"]);
    else expect(found).toBeNull();
  },
);

test("says where the root, the mark and what is written begin", () => {
  expect(memberPathBefore("f(state.data.pa")).toMatchObject({ start: 2, mark: 12, from: 13 });
});

test("reads as far back as people write, and no further", () => {
  expect(memberPathBefore(`${"a.".repeat(50)}`)?.path).toHaveLength(49);
  expect(memberPathBefore(`${"a.".repeat(50_000)}`)).toBeNull();
});
