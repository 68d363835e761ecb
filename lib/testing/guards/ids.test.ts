import { expect, test } from "vitest";
import { sources } from "./sources";

/** Whoever writes a row with an id that clients choose or senders know takes the id first (lib/domain/taken-ids.ts). */
const writesId =
  /\.insert\(\s*(projects|workflows|triggers|jobs|edges)\s*\)|\.set\(\{[^}]*\binboxId\b|insert into (projects|workflows|triggers|jobs|edges)\b|set inbox_id\b/;

test("the guard sees what it is for", () => {
  for (const text of [
    "tx.insert(triggers)",
    "tx.insert(\n  jobs)",
    ".set({ inboxId })",
    "insert into edges (id)",
    "update projects set inbox_id = $1",
  ])
    expect(text).toMatch(writesId);
});

test("ids are given out by those who take them, and by nobody else", () => {
  const writers = sources(["lib", "db", "inngest", "app"])
    .filter(({ file, text }) => !file.startsWith("lib/bench") && writesId.test(text))
    .filter(({ text }) => !text.includes('from "@/lib/domain/taken-ids"'));
  expect(writers.map(({ file }) => file)).toEqual([]);
});
