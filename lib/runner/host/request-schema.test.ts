import { expect, test } from "vitest";
import { stepRequest } from "@/lib/runner/testing/local-runner";
import { parseStepRequest } from "./request-schema";

test("a request of the release before, which names no credential, is read as one without a name", () => {
  const { credentialId: _, ...before } = stepRequest("fn(s => s)", { configuration: { token: "t" } });
  expect(parseStepRequest(before)).toMatchObject({ configuration: { token: "t" }, credentialId: null });
});

test("a request arrives as it was made", () => {
  const request = stepRequest("fn(s => s)", {
    configuration: { token: "t" },
    credentialId: "credential-1",
    egress: { onlyHosts: ["a.test"], credentialHosts: ["b.test:1"], record: true },
  });
  expect(parseStepRequest(JSON.parse(JSON.stringify(request)))).toEqual(request);
});
