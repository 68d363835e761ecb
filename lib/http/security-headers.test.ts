import { describe, expect, it } from "vitest";
import { nonceOf, securityHeaders } from "./security-headers";

const nonce = "AAAAAAAAAAAAAAAAAAAAAA==";
const at = (path: string, more: { isHttps?: boolean; isDev?: boolean } = {}) =>
  securityHeaders({ path, nonce, isHttps: true, ...more });

const pages = ["/", "/sign-in", "/p/1/inbox", "/docs/api", "/nowhere", "/apiary", "/p/evil.svg"];
const data = ["/api/health", "/api", "/i/1", "/edge/i/1", "/_next/image", "/icon.svg"];
const built = "/_next/static/chunks/worker.js";

describe("securityHeaders", () => {
  it.each([...pages, ...data, built])("are all there for %s", (path) => {
    const headers = at(path);
    expect(headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "cross-origin-opener-policy": "same-origin",
      "strict-transport-security": expect.stringMatching(/^max-age=\d{8}/),
    });
    expect(headers["referrer-policy"]).toMatch(/^(same-origin|no-referrer)$/);
    expect(headers["permissions-policy"]).toContain("camera=()");
    const policy = headers["content-security-policy"];
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("base-uri 'none'");
    expect(policy).toMatch(/form-action '(self|none)'/);
  });

  it.each(pages)("let %s run only what carries its nonce, and evaluate nothing", (path) => {
    const policy = at(path)["content-security-policy"] ?? "";
    expect(policy).toContain(`script-src 'self' 'nonce-${nonce}' 'strict-dynamic';`);
    expect(policy).toContain("object-src 'none'");
    expect(policy).not.toContain("unsafe-eval");
    expect(policy.replace("style-src-attr 'unsafe-inline'", "")).not.toContain("unsafe-inline");
  });

  it.each(data)("let nothing at %s run, whatever somebody stored there", (path) => {
    const policy = at(path)["content-security-policy"] ?? "";
    expect(policy).toMatch(/^default-src 'none'.*; sandbox$/);
    expect(policy).not.toContain("nonce-");
  });

  it("let a worker of the build load what else was built, and nothing else", () => {
    const policy = at(built)["content-security-policy"] ?? "";
    expect(policy).toMatch(/^default-src 'none'; script-src 'self';/);
    expect(policy).not.toMatch(/sandbox|unsafe|nonce-/);
  });

  it("keep addresses with a token in them to themselves", () => {
    for (const path of [
      "/invitations/wbi_1",
      "/mail/key",
      "/sign-in",
      "/sign-up",
      "/api/auth/callback/email",
    ])
      expect(at(path)["referrer-policy"], path).toBe("no-referrer");
  });

  it("let web pages hand messages over, and read nothing else", () => {
    expect(at("/i/1")["cross-origin-resource-policy"]).toBe("cross-origin");
    for (const path of ["/", "/api/health", "/icon.svg"])
      expect(at(path)["cross-origin-resource-policy"], path).toBe("same-origin");
  });

  it("promise TLS only where there is TLS", () => {
    const plain = at("/", { isHttps: false });
    expect(plain).not.toHaveProperty("strict-transport-security");
    expect(plain["content-security-policy"]).not.toContain("upgrade-insecure-requests");
  });

  it("let the development server do what it must, and nobody else", () => {
    expect(at("/", { isDev: true })["content-security-policy"]).toMatch(/'unsafe-eval'.* ws:/);
  });
});

describe("nonceOf", () => {
  it("is the nonce that the page's policy has", () => {
    const policy = at("/")["content-security-policy"] ?? "";
    expect(nonceOf(new Headers({ "content-security-policy": policy }))).toBe(nonce);
  });

  it("is nothing where there is no policy, or one that nobody of us wrote", () => {
    expect(nonceOf(new Headers())).toBeUndefined();
    expect(
      nonceOf(new Headers({ "content-security-policy": "script-src 'nonce-\"><script>'" })),
    ).toBeUndefined();
  });
});
