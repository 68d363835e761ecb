import { expect, test } from "vitest";
import { isOutage } from "./outage";

const withCode = (code: string) => Object.assign(new Error("it failed"), { code });

test.each([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "EAI_AGAIN",
  "ENOTFOUND",
  "EHOSTUNREACH",
  "08006", // connection failure
  "25006", // read-only: a standby that is not promoted yet
  "53300", // too many connections
  "57P01", // shutting down
  "57P03", // starting up
])("%s means that the database is away", (code) => {
  expect(isOutage(withCode(code))).toBe(true);
});

test.each([
  "Connection terminated unexpectedly",
  "timeout exceeded when trying to connect",
  "Client has encountered a connection error and is not queryable",
  "Error connecting to database: TypeError: fetch failed",
  "Server error (HTTP status 503): overloaded",
])("so does a driver that says %j", (message) => {
  expect(isOutage(new Error(message))).toBe(true);
});

test.each(["22P05", "23505", "40001", "40P01", "42601", "57014", "EACCES", ""])(
  "%j is about the statement or its data",
  (code) => {
    expect(isOutage(withCode(code))).toBe(false);
  },
);

test.each([undefined, null, "ECONNREFUSED", new Error("HTTP status 400"), {}])("%j is no outage", (error) => {
  expect(isOutage(error)).toBe(false);
});
