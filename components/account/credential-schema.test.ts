import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { bodyOf, fieldsOf, initialValues, valuesOf } from "./credential-schema";

const schema = {
  type: "object",
  required: ["host", "port", "mode"],
  properties: {
    host: { title: "Host", type: "string", description: "Where it is", examples: ["db.example.org"] },
    port: { type: "integer", default: 5432 },
    password: { type: "string", format: "password" },
    token: { type: ["string", "null"], writeOnly: true },
    ratio: { anyOf: [{ type: "number" }, { type: "null" }] },
    ssl: { type: "boolean", default: true },
    mode: { enum: ["basic", 2] },
    tls: { type: "object" },
  },
};
const fields = fieldsOf(schema);
const filled = { ...initialValues(fields), host: "h", mode: "1" };

describe("fieldsOf", () => {
  it("chooses a control by type, secrets by writeOnly and format", () => {
    expect(fields.map(({ name, kind }) => [name, kind])).toEqual([
      ["host", "text"],
      ["port", "integer"],
      ["password", "secret"],
      ["token", "secret"],
      ["ratio", "number"],
      ["ssl", "boolean"],
      ["mode", "choice"],
      ["tls", "json"],
    ]);
    expect(fields[0]).toMatchObject({ label: "Host", description: "Where it is", required: true });
    expect(fields[0]?.placeholder).toBe("db.example.org");
  });

  it("starts with the schema's defaults", () => {
    expect(initialValues(fields)).toMatchObject({ host: "", port: "5432", ssl: "true", mode: "" });
  });

  it("reads the schema that language-http ships, and shows no example of a secret", () => {
    const http = fieldsOf(
      JSON.parse(readFileSync("node_modules/@openfn/language-http/configuration-schema.json", "utf8")),
    );
    expect(http.map(({ name, kind }) => [name, kind])).toEqual([
      ["username", "text"],
      ["password", "secret"],
      ["access_token", "secret"],
      ["baseUrl", "text"],
      ["tls", "json"],
    ]);
    expect(http.filter((field) => field.kind === "secret").map((field) => field.placeholder)).toEqual([
      undefined,
      undefined,
    ]);
  });

  it.each([null, "text", {}, { properties: [] }, { properties: { a: true } }])(
    "finds none in %j",
    (value) => {
      expect(fieldsOf(value)).toEqual([]);
    },
  );
});

describe("bodyOf", () => {
  it("makes the JSON that the adaptor reads, without empty fields", () => {
    expect(bodyOf(fields, { ...filled, tls: '{"ca": "x"}', ratio: "0.5" })).toEqual({
      body: { host: "h", port: 5432, ratio: 0.5, ssl: true, mode: 2, tls: { ca: "x" } },
    });
  });

  it("keeps what the schema does not name, and drops a field that was emptied", () => {
    const before = { host: "old", password: "p", custom: [1] };
    expect(bodyOf(fields, filled, before)).toEqual({
      body: { custom: [1], host: "h", port: 5432, ssl: true, mode: 2 },
    });
  });

  it("names every field that cannot be saved", () => {
    expect(bodyOf(fields, { ...filled, host: " ", port: "1.5", ratio: "many", tls: "{" })).toEqual({
      problems: {
        host: "Fill in Host.",
        port: "Write a whole number.",
        ratio: "Write a number.",
        tls: "This is not valid JSON.",
      },
    });
  });
});

describe("valuesOf", () => {
  it("is the way back", () => {
    const body = {
      host: "h",
      port: 1,
      password: "p",
      ssl: false,
      mode: "basic",
      tls: { ca: "x" },
      custom: 1,
    };
    const values = valuesOf(fields, body);
    expect(values && bodyOf(fields, values, body)).toEqual({ body });
  });

  it.each([{ host: { a: 1 } }, { mode: "other" }, { port: "many" }, { ssl: 1 }])(
    "is null for %j, which only JSON can show",
    (body) => {
      expect(valuesOf(fields, body)).toBeNull();
    },
  );
});
