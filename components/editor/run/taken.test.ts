import { describe, expect, test } from "vitest";
import { addTrigger, setTrigger } from "@/lib/editor/edits";
import type { DraftGraph } from "@/lib/editor/graph";
import { type ExactJson, parseExact } from "@/lib/exact-json";
import { plainWorkflow } from "@/lib/workflow/complete";
import { takersOf } from "./taken";

const empty: DraftGraph = {
  name: "w",
  ...plainWorkflow,
  concurrency: null,
  triggers: [],
  jobs: [],
  edges: [],
  positions: null,
};
const draft = (inclusion: ExactJson | null, exclusion: ExactJson | null = null) =>
  [
    addTrigger("filter", "message_filter"),
    addTrigger("hook", "webhook"),
    addTrigger("clock", "cron"),
    setTrigger("filter", { inclusion, exclusion }),
  ].reduce((now, edit) => edit(now), empty);
const came = (content: ExactJson | undefined, triggerId: string | null = null) => ({ triggerId, content });
const visit = { form: "visit", patient: { id: 7 } };

describe("triggers of a draft that take a message", () => {
  test.each<[string, ExactJson | null, ExactJson | null, boolean]>([
    ["what it contains", { form: "visit" }, null, true],
    ["no filter", null, null, true],
    ["an empty one", {}, null, true],
    ["what it does not contain", { form: "payment" }, null, false],
    ["what it contains, and excludes", { form: "visit" }, { patient: { id: 7 } }, false],
    ["an exclusion that it does not contain", null, { form: "payment" }, true],
    ["an exclusion of everything", null, {}, false],
  ])("by %s", (_, inclusion, exclusion, isTaken) => {
    expect(takersOf(draft(inclusion, exclusion), came(visit))).toEqual(isTaken ? ["filter"] : []);
  });

  test("by all its digits", () => {
    const content = parseExact('{"id":9007199254740993}');
    expect(takersOf(draft(parseExact('{"id":9007199254740993}')), came(content))).toEqual(["filter"]);
    expect(takersOf(draft(parseExact('{"id":9007199254740992}')), came(content))).toEqual([]);
  });

  test("are the one whose URL was called, and no filter then", () => {
    expect(takersOf(draft(null), came(visit, "hook"))).toEqual(["hook"]);
    expect(takersOf(draft(null), came(visit, "other"))).toEqual([]);
  });

  test("are none while what it means is not known", () => {
    expect(takersOf(draft(null), came(undefined))).toEqual([]);
  });
});
