import { describe, expect, it } from "vitest";
import { parseEnv } from "@/lib/env";
import { isMailPageFor } from "./page";

const key = "k".repeat(24);
const direct = { host: "127.0.0.1:3000", "x-waybill-peer": "::ffff:127.0.0.1", "x-waybill-forwarded": "no" };
const shown = (asked: string, headers: Record<string, string> = {}, variables: Record<string, string> = {}) =>
  isMailPageFor(asked, new Headers({ ...direct, ...headers }), parseEnv({ MAIL_PAGE: key, ...variables }));

describe("the local mail page", () => {
  it("is shown to who knows its key, on this machine", () => {
    expect(shown(key)).toBe(true);
    expect(shown(key, { host: "localhost:3000" })).toBe(true);
    expect(shown(key, { host: "[::1]:3000", "x-waybill-peer": "::1" })).toBe(true);
  });
  it("is there for nobody without the key, and not at all where none was made", () => {
    for (const wrong of ["", "mail", key.slice(1), `${key}k`, key.toUpperCase()])
      expect(shown(wrong)).toBe(false);
    expect(shown("", {}, { MAIL_PAGE: "" })).toBe(false);
  });
  it("is there for no other machine, no other host, and through no proxy", () => {
    expect(shown(key, { "x-waybill-peer": "10.0.0.7" })).toBe(false);
    expect(shown(key, { host: "waybill.example.org" })).toBe(false);
    expect(shown(key, { "x-waybill-forwarded": "yes" })).toBe(false);
    expect(shown(key, { "x-waybill-forwarded": "" })).toBe(false);
  });
  it("is not there where mails leave, or where others reach the server", () => {
    expect(shown(key, {}, { SMTP_URL: "smtp://localhost" })).toBe(false);
    expect(shown(key, {}, { HOST: "0.0.0.0" })).toBe(false);
    expect(shown(key, {}, { PUBLIC_URL: "https://waybill.example.org" })).toBe(false);
  });
});
