import { describe, expect, test } from "vitest";
import { setJob, setTrigger } from "@/lib/editor/edits";
import { toDraft } from "@/lib/editor/graph";
import { sameDraft } from "@/lib/editor/same-draft";
import { parseExact, stringifyExact } from "@/lib/exact-json";
import { triggerEdge, workflow } from "@/lib/workflow/testing";
import { type BrowserCopy, dropCopy, dropOldCopies, keepCopy, readCopy, whatToOpen } from "./browser-copy";

const graph = toDraft(workflow(["a"], [triggerEdge("t", "a")]));
const place = { userId: "u", workflowId: "w" };
const copy: BrowserCopy = {
  graph,
  note: null,
  revision: 3,
  baseVersion: 2,
  keptAt: "2026-11-26T09:00:00.000Z",
};

function shelf(room = 1_000_000) {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, text: string) => {
      if (text.length > room) throw new DOMException("", "QuotaExceededError");
      kept.set(key, text);
    },
    removeItem: (key: string) => void kept.delete(key),
    key: (index: number) => [...kept.keys()][index] ?? null,
    get length() {
      return kept.size;
    },
  };
}

describe("the copy in the browser", () => {
  test("is read as it was kept, to the last digit of a filter, by its person for its workflow alone", () => {
    const browser = shelf();
    const inclusion = parseExact('{"data":{"id":12345678901234567890.10}}');
    const exact = { ...copy, graph: setTrigger("t", { inclusion })(graph) };
    expect(keepCopy(browser, place, exact)).toBe(true);
    const read = readCopy(browser, place);
    expect(stringifyExact(read?.graph.triggers[0]?.inclusion)).toContain("12345678901234567890.10");
    expect(readCopy(browser, { ...place, userId: "other" })).toBeNull();
    expect(readCopy(browser, { ...place, workflowId: "other" })).toBeNull();
    dropCopy(browser, place);
    expect(readCopy(browser, place)).toBeNull();
  });

  test("is none where there is no room, no shelf, or nothing that could be a draft", () => {
    expect(keepCopy(shelf(10), place, copy)).toBe(false);
    expect(keepCopy(null, place, copy)).toBe(false);
    const browser = shelf();
    for (const text of ["", "{", "[]", "null", '{"graph":{"jobs":[]}}', '{"graph":null,"baseVersion":1}']) {
      browser.setItem("waybill:draft:u:w", text);
      expect(readCopy(browser, place)).toBeNull();
    }
  });

  test("is dropped after a month, and so is what cannot be read; what is not ours stays", () => {
    const browser = shelf();
    keepCopy(browser, place, copy);
    keepCopy(browser, { ...place, workflowId: "old" }, { ...copy, keptAt: "2026-10-01T00:00:00.000Z" });
    browser.setItem("waybill:draft:u:broken", "{");
    browser.setItem("theme", "dark");
    dropOldCopies(browser, new Date("2026-11-26T10:00:00.000Z"));
    expect([...Array(browser.length)].map((_, index) => browser.key(index))).toEqual([
      "waybill:draft:u:w",
      "theme",
    ]);
  });
});

describe("the editor opens with", () => {
  const server = { graph, note: null, revision: 3, baseVersion: 2 };
  const changed = { ...copy, graph: setJob("a", { name: "x" })(graph) };
  test("what the server has where there is no copy, or one that says the same", () => {
    expect(whatToOpen(server, null, sameDraft)).toBe("server");
    expect(whatToOpen(server, { ...copy, graph: structuredClone(graph), revision: 1 }, sameDraft)).toBe(
      "server",
    );
  });

  test("the copy where it goes on from what the server has", () => {
    expect(whatToOpen(server, changed, sameDraft)).toBe("copy");
    expect(whatToOpen({ ...server, revision: null }, { ...changed, revision: null }, sameDraft)).toBe("copy");
    expect(whatToOpen(server, { ...copy, note: "Clearer names" }, sameDraft)).toBe("copy");
  });

  test("a question where both went on", () => {
    expect(whatToOpen({ ...server, revision: 4 }, changed, sameDraft)).toBe("ask");
    expect(whatToOpen({ ...server, revision: null }, changed, sameDraft)).toBe("ask");
    expect(
      whatToOpen({ ...server, revision: null, baseVersion: 3 }, { ...changed, revision: null }, sameDraft),
    ).toBe("ask");
  });
});
