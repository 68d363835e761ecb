import { expect, test } from "vitest";
import type { JsonSchema, Operation } from "@/lib/http/openapi-types";
import { curlOf } from "./example";

const named: Record<string, JsonSchema> = { Role: { type: "string", enum: ["admin", "viewer"] } };

test("a call is a line for a terminal, with what is required", () => {
  const operation: Operation = {
    operationId: "x",
    tags: [],
    summary: "",
    security: [{ token: [] }, { session: [] }],
    parameters: [{ name: "name", in: "query", required: true, schema: { type: "string", format: "email" } }],
    requestBody: {
      required: true,
      content: {
        "application/json": {
          schema: {
            type: "object",
            required: ["role", "limit"],
            properties: {
              role: { $ref: "#/components/schemas/Role" },
              limit: { type: "integer", minimum: 5 },
              more: { type: "string" },
            },
          },
        },
      },
    },
    responses: {},
  };
  expect(curlOf("https://w.example", "post", "/api/{project}", operation, named)).toBe(
    [
      "curl -X POST 'https://w.example/api/<project>?name=ada%40example.org'",
      "-H 'authorization: Bearer wb_…'",
      "-H 'content-type: application/json'",
      `-d '{"role":"admin","limit":5}'`,
    ].join(" \\\n  "),
  );
});
