import { expect, test } from "vitest";
import { parseRule } from "@/lib/net/egress-policy";
import { deniedPlaces, ownPlaces } from "./own-places.mjs";

test("everything that Waybill runs on is named, by host and port, without a password", () => {
  const env = {
    PORT: "3000",
    HOST: "::1",
    PUBLIC_URL: "https://waybill.example.org",
    DATABASE_URL: "postgres://me:hunter%402@db.example.org/waybill",
    RUNNER_URL: "http://10.0.0.7:8080, https://runner.example,unix:/run/a,b.sock",
    RUNNER_ADDRESS: "https://10.0.0.8:4000",
    RUNNER_REGISTER_AT: "http://web:3000",
    INNGEST_BASE_URL: "http://inngest",
    INNGEST_DEV: "1",
  };
  expect(ownPlaces(env)).toEqual([
    "[::1]:3000",
    "waybill.example.org:443",
    "db.example.org:5432",
    "10.0.0.7:8080",
    "runner.example:443",
    "10.0.0.8:4000",
    "web:3000",
    "inngest:80",
    "localhost:8288",
  ]);
  expect(deniedPlaces({ ...env, EGRESS_DENY: "10.0.0.0/24" })).toMatch(/^10\.0\.0\.0\/24,\[::1\]:3000,/);
  for (const one of ownPlaces(env)) expect(() => parseRule(one)).not.toThrow();
});

test.each([
  ["postgres://me@127.0.0.1:55001/waybill", "127.0.0.1:55001"],
  ["postgresql://me:p@[fd00::5]/waybill", "[fd00::5]:5432"],
  ["postgres://me:p@/waybill?host=/var/run/postgresql&port=5433", "localhost:5433"],
  ["postgres://me:p@%2Fvar%2Frun/waybill", "localhost:5432"],
  ["postgres://me:p@unused/waybill?host=db.example.org", "db.example.org:5432"],
])("the database at %s listens at %s", (DATABASE_URL, place) => {
  expect(ownPlaces({ DATABASE_URL })).toEqual([place]);
});

test("a socket of the runner and what is unset are no places", () => {
  expect(ownPlaces({ RUNNER_URL: "unix:/data/runner.sock", INNGEST_DEV: "0", PUBLIC_URL: "" })).toEqual([]);
});
