import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { currentPlace, places } from "./navigation";

/** Pages of a project, by the first part of their addresses. */
const pages = fs
  .readdirSync(path.join(process.cwd(), "app/(app)/p/[project]"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

test("every page of a project is shown at one of its places", () => {
  const known = new Set(places.map(({ segment }) => segment));
  expect(pages.length).toBeGreaterThanOrEqual(known.size);
  expect(pages.filter((page) => !known.has(currentPlace(`/p/1/${page}/2`) ?? ""))).toEqual([]);
});
