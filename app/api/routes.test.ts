import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { allowedAt, apiMethods, documentPath } from "@/lib/http/api-methods";
import { routeModules, undeclaredRoutes } from "./routes";

const files = fs
  .readdirSync("app/api", { recursive: true, encoding: "utf8" })
  .filter((file) => path.basename(file) === "route.ts");
const pathOf = (file: string) => `/api/${path.dirname(file)}`;

test("the table holds every route file, and each is either declared or named with the reason why not", () => {
  expect([...Object.keys(routeModules), ...Object.keys(undeclaredRoutes), documentPath].sort()).toEqual(
    files.map(pathOf).sort(),
  );
});

test("the methods of each are those that its file exports", () => {
  const exported = files
    .filter((file) => !(pathOf(file) in undeclaredRoutes))
    .map((file) => {
      const source = fs.readFileSync(path.join("app/api", file), "utf8");
      return [
        pathOf(file),
        [...source.matchAll(/^export const ([A-Z]+) =/gm)].map(([, method]) => method).sort(),
      ];
    });
  const listed = Object.entries(apiMethods).map(([at, methods]) => [at, [...methods].sort()]);
  expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(exported));
});

test("a path says what may be asked of it, a fixed word before a wildcard", () => {
  expect(allowedAt("/api/projects/import")).toEqual(["POST", "OPTIONS"]);
  expect(allowedAt("/api/projects/1")).toEqual(["GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]);
  expect(allowedAt("/api/projects/1/")).toEqual(allowedAt("/api/projects/1"));
  for (const other of ["/api/projects//", "/api/nothing", "/api", "/api/auth/signin"])
    expect(allowedAt(other)).toBeUndefined();
});
