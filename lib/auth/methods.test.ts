import { describe, expect, it } from "vitest";
import { parseEnv } from "@/lib/env";
import { signInMethods } from "./methods";

const methods = (variables: Record<string, string>) => signInMethods(parseEnv(variables));
const smtp = { SMTP_URL: "smtp://mail.example.org" };

describe("how accounts are made", () => {
  it("is at once where nobody but this machine can ask", () => {
    expect(methods({})).toMatchObject({ registration: "password", signUp: true, link: true });
  });

  it("is by a mailed link wherever mails leave, this machine alone included", () => {
    for (const reach of [{}, { HOST: "0.0.0.0" }, { PUBLIC_URL: "https://waybill.example.org" }])
      expect(methods({ ...smtp, ...reach })).toMatchObject({ registration: "link", signUp: true });
  });

  it("is by invitation only where others can ask and no mail leaves", () => {
    for (const reach of [{ HOST: "0.0.0.0" }, { PUBLIC_URL: "https://waybill.example.org" }])
      expect(methods(reach)).toMatchObject({ registration: "none", signUp: false, link: false });
  });

  it("is by invitation where the operator says so", () => {
    expect(methods({ ...smtp, ALLOW_SIGNUP: "0" })).toMatchObject({ registration: "link", signUp: false });
  });
});
