import { expect, it } from "vitest";
import type { Runner } from "@/lib/runner/contract";
import { testDatabase } from "@/lib/testing/database";
import { ScriptedRunner } from "@/lib/testing/scripted-runner";
import { warningsOf } from "./unknown-fields";

const { db } = testDatabase();
const name = "@openfn/language-strict";
const credentialSchema = {
  type: "object",
  properties: { username: { type: "string" }, password: { type: "string" }, hostUrl: { type: "string" } },
  required: ["username", "password"],
};
const scripted = new ScriptedRunner();
const runner: Pick<Runner, "resolveAdaptor" | "listAdaptors"> = {
  resolveAdaptor: (...args) => scripted.resolveAdaptor(...args),
  listAdaptors: async () => {
    const one = await scripted.resolveAdaptor(name, "1.0.0");
    return [{ ...one, name, version: "1.0.0", credentialSchema }];
  },
};
const warnings = (schema: string, body: Record<string, unknown>) =>
  warningsOf(db, { schema, body }, { runner });

it("names fields that the adaptor's form does not have, with the nearest, and those that are missing", async () => {
  expect(await warnings(name, { username: "u", pasword: "secret", colour: "red" })).toEqual([
    `${name} knows no "pasword". Did you mean "password"?`,
    `${name} knows no "colour".`,
    `${name} needs "password", which is missing.`,
  ]);
});

it("says nothing of a sound one, of OAuth2's own fields, or of JSON for no adaptor", async () => {
  expect(await warnings(name, { username: "u", password: "p", refresh_token: "r", token_url: "t" })).toEqual(
    [],
  );
  expect(await warnings("raw", { anything: 1 })).toEqual([]);
});

it("names the nearest adaptor where there is none of that name", async () => {
  expect(await warnings("@openfn/language-strct", {})).toEqual([
    `No adaptor called @openfn/language-strct is here, so what the credential holds was not compared. Did you mean ${name}?`,
  ]);
});
