import { describe, expect, it } from "vitest";
import { signInMethods } from "@/lib/auth/methods";
import { parseEnv } from "@/lib/env";
import { mailMode } from "./mode";

const mode = (variables: Record<string, string>) => mailMode(parseEnv(variables));

describe("mailMode", () => {
  it("keeps mails on this machine only where nobody else can ask for them", () => {
    expect(mode({})).toBe("local");
    expect(mode({ HOST: "::1" })).toBe("local");
    expect(mode({ PUBLIC_URL: "http://localhost:3000" })).toBe("local");
    expect(mode({ HOST: "0.0.0.0" })).toBe("none");
    expect(mode({ HOST: "192.168.0.7" })).toBe("none");
    expect(mode({ PUBLIC_URL: "https://waybill.example.org" })).toBe("none");
    expect(mode({ HOST: "0.0.0.0", SMTP_URL: "smtp://localhost" })).toBe("smtp");
  });
});

describe("signInMethods", () => {
  it("offers what is configured, and links only where they arrive", () => {
    expect(signInMethods(parseEnv({}))).toEqual({
      link: true,
      signUp: true,
      registration: "password",
      hasMailPage: true,
      providers: [],
    });
    const full = parseEnv({
      HOST: "0.0.0.0",
      ALLOW_SIGNUP: "0",
      GITHUB_ID: "a",
      GITHUB_SECRET: "b",
      GOOGLE_ID: "only half",
      OIDC_ISSUER: "https://id.example.org",
      OIDC_CLIENT_ID: "c",
      OIDC_NAME: "Example ID",
    });
    expect(signInMethods(full)).toEqual({
      link: false,
      signUp: false,
      registration: "none",
      hasMailPage: false,
      providers: [
        { id: "github", name: "GitHub" },
        { id: "oidc", name: "Example ID" },
      ],
    });
  });
});
