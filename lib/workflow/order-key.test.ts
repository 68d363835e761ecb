import { expect, test } from "vitest";
import { orderKeyProblem } from "./order-key";

test.each([
  "data.patient.id",
  "state.data.patient.id",
  "data.items[0].id",
  "data[0].id",
  "data.patient-id",
  "data.Größe",
  "data.@id",
  "request.headers.x-patient",
  "state.request.headers.X-Patient",
  "request.query_params.patient",
  "request.query.patient",
  "request.path[0]",
  "request.method",
])("%s is a path to what must be processed in order", (text) => {
  expect(orderKeyProblem(text)).toBeNull();
});

test.each([
  "",
  " ",
  "data",
  "patient.id",
  "data.",
  "data..id",
  "data.patient id",
  "data['id']",
  "data.items[]",
  "data.items[-1]",
  "$.data.id",
  "$",
  "data.id; drop table runs",
  "data.id || 'x'",
  "(() => 1)()",
  "state",
  "request",
  "request.body",
  "request.headers",
  "request.headers.Authorization",
  "request.headers.x-api-key",
  "state.request.headers.cookie",
  `data.${"x".repeat(200)}`,
])("%s is none, and says so", (text) => {
  expect(orderKeyProblem(text)).toMatch(/no path|nothing that a request has|at most|secret/);
});
