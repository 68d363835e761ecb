import { expect, it } from "vitest";
import { draftWords } from "./draft-words";

const mark = (name: string, isMine = false) => ({ name, isMine, updatedAt: "2026-11-26T09:00:00.000Z" });

it("names who changes a workflow, the reader first and not by name, and counts the rest", () => {
  expect(draftWords([])).toEqual([]);
  expect(draftWords([mark("Ada", true)])).toEqual(["has your draft"]);
  expect(draftWords([mark("Ada", true), mark("Ben")])).toEqual(["has your draft", "Ben has a draft"]);
  const three = [mark("Ben"), mark("Cem"), mark("Dora")];
  expect(draftWords(three)).toEqual(["Ben has a draft", "Cem has a draft", "1 more draft"]);
  expect(draftWords([...three, mark("Eve")]).at(-1)).toBe("2 more drafts");
});
