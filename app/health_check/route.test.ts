import { expect, test } from "vitest";
import { GET } from "./route";

test("greets as OpenFn's does", async () => {
  const answer = GET();
  expect([answer.status, await answer.text()]).toEqual([200, "Hello you!"]);
});
