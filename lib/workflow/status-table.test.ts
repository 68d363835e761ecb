import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { runStates } from "@/lib/words";
import { errorTypes } from "./error-types";
import { runStatuses } from "./status";
import { errorAnchor, errorHref, runHref, statusTable } from "./status-table";

const seed = fs.readFileSync(path.join(import.meta.dirname, "../testing/seeds/statuses.txt"), "utf8");

/** The seed's rows: status, chip, type and whether it aborts; cells that it leaves out are left out. */
const seedRows = seed
  .split("\n")
  .filter((line) => line.includes(" | ") && !line.startsWith("Status |"))
  .map((line) => line.split("|").map((cell) => cell.trim()));

test("the table has every row of seed 3, in its order, with its chip and its word on aborting", () => {
  expect(seedRows).toHaveLength(16);
  const places = seedRows.map(([word = "", chip, ...cells]) => {
    const type = cells.find((cell) => /^[A-Z]\w+Error$/.test(cell)) ?? null;
    const aborts = cells.includes("Yes") ? true : cells.includes("No") ? false : null;
    const place = statusTable.findIndex(
      (row) =>
        runStatuses[row.state].word === word && runStatuses[row.state].chip === chip && row.type === type,
    );
    expect(statusTable[place]?.aborts, `${word} ${type}`).toBe(aborts);
    return place;
  });
  expect(places.toSorted((a, b) => a - b)).toEqual(places);
});

test("it explains every status and every error type once, each at a place that chips lead to", () => {
  const anchors = statusTable.map(({ anchor }) => anchor);
  expect(new Set(anchors).size).toBe(anchors.length);
  expect(statusTable.filter(({ type }) => type === null).map(({ state }) => state)).toEqual(
    expect.arrayContaining([...runStates]),
  );
  expect(statusTable.flatMap(({ type }) => type ?? []).toSorted()).toEqual(
    Object.keys(errorTypes).toSorted(),
  );
  for (const { state, type, info } of statusTable) {
    expect(anchors).toContain(type === null ? runHref(state).split("#")[1] : errorAnchor(type));
    expect(info.meaning).toMatch(/\.$/);
    expect(info.remedy).toMatch(/\.$/);
  }
});

test("OpenFn's names lead to the seed's, and a job's own types nowhere", () => {
  expect(errorHref("OOMError")).toBe("/docs/states#error-OomError");
  expect(errorHref("MyOwnError")).toBeNull();
  expect(errorHref("constructor")).toBeNull();
});
