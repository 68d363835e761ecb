import { describe, expect, it } from "vitest";
import { parseEnv } from "@/lib/env";
import { embeddedKeys, engineMode } from "./client";

describe("the engine", () => {
  it.each([
    [{}, "embedded"],
    [{ INNGEST_DEV: "1" }, "dev"],
    [{ INNGEST_DEV: "http://inngest:8288" }, "dev"],
    [{ INNGEST_DEV: "0", INNGEST_BASE_URL: "http://inngest:8288", INNGEST_SIGNING_KEY: "ab" }, "self-hosted"],
    [{ INNGEST_EVENT_KEY: "e", INNGEST_SIGNING_KEY: "signkey-prod-ab" }, "cloud"],
  ])("for %j is %s", (source, mode) => expect(engineMode(parseEnv(source))).toBe(mode));

  it("has keys in the form that the SDK wants", () => {
    expect(embeddedKeys.signingKey).toMatch(/^signkey-embedded-([0-9a-f]{2}){32}$/);
    expect(embeddedKeys.eventKey).toMatch(/^([0-9a-f]{2}){16}$/);
  });
});
