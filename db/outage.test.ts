import { expect, test } from "vitest";
import { isDiskFull, isOutage } from "./outage";

const withCode = (code: string) => Object.assign(new Error("it failed"), { code });

test.each([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "EAI_AGAIN",
  "ENOTFOUND",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EMFILE", // no place for one more connection, in this process or on this machine
  "ENFILE",
  "08006", // connection failure
  "25006", // read-only: a standby that is not promoted yet
  "53100", // the disk is full
  "53300", // too many connections
  "58030", // the disk does not answer
  "57P01", // shutting down
  "57P03", // starting up
])("%s means that the database is away", (code) => {
  expect(isOutage(withCode(code))).toBe(true);
});

test.each([
  "Connection terminated unexpectedly",
  "connect ENOENT /data/postgres/.s.PGSQL.5432", // its socket goes with it
  "connect EAGAIN /data/postgres/.s.PGSQL.5432", // more than it lets wait there
  "timeout exceeded when trying to connect",
  "Client has encountered a connection error and is not queryable",
  "Error connecting to database: TypeError: fetch failed",
  "Server error (HTTP status 503): overloaded",
  'could not extend file "base/5/1259": No space left on device',
  'could not open file "pg_wal/000000010000000000000001": Read-only file system',
])("so does a driver that says %j", (message) => {
  expect(isOutage(new Error(message))).toBe(true);
});

test.each(["22P05", "23505", "40001", "40P01", "42601", "57014", "EACCES", "ENOENT", ""])(
  "%j is about the statement or its data",
  (code) => {
    expect(isOutage(withCode(code))).toBe(false);
  },
);

test.each([undefined, null, "ECONNREFUSED", new Error("HTTP status 400"), {}])("%j is no outage", (error) => {
  expect(isOutage(error)).toBe(false);
});

test("a full disk is told from other outages", () => {
  expect(isDiskFull(withCode("53100"))).toBe(true);
  expect(isDiskFull(new Error('could not write to file "x": No space left on device'))).toBe(true);
  expect(isDiskFull(withCode("53300"))).toBe(false);
  expect(isDiskFull(undefined)).toBe(false);
});
