import fs from "node:fs";
import { describe, expect, expectTypeOf, it } from "vitest";
import { type Env, env, parseEnv } from "@/lib/env";
import { trustIn } from "@/lib/http/forwarded";
import { withTables } from "@/lib/launcher/readme.mjs";
import { parseRule } from "@/lib/net/egress-policy";
import { runnerUrls } from "@/lib/runner/address";
import { misspelt } from "./misspelt.mjs";
import { problemOf, problemsOf } from "./read.mjs";
import { declared, namesFor, personalNames } from "./settings.mjs";

const key = "k".repeat(44);

it("the README's tables are what the declarations write", () => {
  const readme = fs.readFileSync("README.md", "utf8");
  expect(readme === withTables(readme), "A table in README.md is out of date: npm run format").toBe(true);
});

it("every setting of a kind is read to that kind's type, defaults included", () => {
  const values = parseEnv({
    PORT: "8080",
    EGRESS_ALLOW: "a.example, 10.0.0.0/8",
    ALLOW_SIGNUP: "false",
    HOST: "",
  });
  expect(values).toMatchObject({
    PORT: 8080,
    HOST: "127.0.0.1",
    EGRESS_ALLOW: ["a.example", "10.0.0.0/8"],
    ALLOW_SIGNUP: false,
    ALLOW_WEAK_SANDBOX: false,
    WORKER_REUSE: "project",
    PUBLIC_URL: undefined,
  });
  expectTypeOf<Env["WORKER_REUSE"]>().toEqualTypeOf<"project" | "run" | "never">();
  expectTypeOf<Env["PORT"]>().toEqualTypeOf<number>();
  expectTypeOf<Env["MAIL_FROM"]>().toEqualTypeOf<string>();
  expectTypeOf<Env["SECRET_KEY"]>().toEqualTypeOf<string | undefined>();
  expectTypeOf<Env["ALLOW_SIGNUP"]>().toEqualTypeOf<boolean>();
  expectTypeOf<Env["EGRESS_ALLOW"]>().toEqualTypeOf<string[]>();
  expectTypeOf(env).returns.toEqualTypeOf<Env>();
});

describe("one setting", () => {
  it.each([
    ["PUBLIC_URL", "notaurl", "give http:// or https://"],
    ["PUBLIC_URL", "https://waybill.example.org/app", "no path"],
    ["PUBLIC_URL", "ftp://waybill.example.org", "give http:// or https://"],
    ["RUNNER_URL", "bogus", "RUNNER_URL=https://host:port"],
    ["RUNNER_URL", "unix:relative.sock", "RUNNER_URL=unix:/path/to/socket"],
    ["RUNNER_URL", "https://runner:8080/path", "RUNNER_URL=https://host:port"],
    ["RUNNER_URL", "https://user:pw@runner:8080", "RUNNER_URL=https://host:port"],
    ["RUNNER_URL", "https://runner:8080,bogus", "is no address of a runner"],
    ["RUNNER_URL", ",", "is no address of a runner"],
    ["RUNNER_ADDRESS", "unix:/run/runner.sock", "RUNNER_ADDRESS=https://host:port"],
    ["RUNNER_ADDRESS", "https://0.0.0.0:4000", "RUNNER_ADDRESS=https://host:port"],
    ["RUNNER_ADDRESS", "https://[::]:4000", "RUNNER_ADDRESS=https://host:port"],
    ["RUNNER_REGISTER_AT", "https://waybill.example.org/api/runners", "no path"],
    ["RUNNER_NAME", "x".repeat(101), "at most 100 printable characters"],
    ["RUNNER_FINGERPRINT", "SHA256:abc", "64 hexadecimal digits"],
    ["RUNNER_FINGERPRINT", `${"ab".repeat(32)},${"ab".repeat(31)}`, "64 hexadecimal digits"],
    ["RUNNER_ALLOW_PLAIN", "yes", "give 1 or 0"],
    ["SECRET_KEY", "short", "has 5 characters"],
    ["CREDENTIAL_KEY", `${key},short`, "holds a key that has 5 characters"],
    ["CREDENTIAL_KEY", " , ", "holds no key"],
    ["RUNNER_TOKEN", "tokén", "no HTTP header carries"],
    ["DATABASE_URL", "mysql://me@db/waybill", "DATABASE_URL=postgres://"],
    ["SMTP_URL", "mail.example.org:587", "SMTP_URL=smtp://"],
    ["MAIL_FROM", "Waybill", 'MAIL_FROM="Waybill <waybill@example.org>"'],
    ["HOST", "http://0.0.0.0", "give 127.0.0.1"],
    ["PORT", "70000", "PORT=3001 npm start"],
    ["OIDC_ISSUER", "id.example.org", "http:// or https:// in front"],
    ["EDGE_DATABASE_FETCH_URL", "neon", "http:// or https:// in front"],
    ["INNGEST_DEV", "yes", "INNGEST_DEV=1"],
    ["INNGEST_BASE_URL", "inngest:8288", "http:// or https:// in front"],
    ["ALLOW_SIGNUP", "no", "give 1 or 0"],
    ["ALLOW_WEAK_SANDBOX", "on", "give 1 or 0"],
    ["DATABASE_POOL", "0", "above zero"],
    ["MAX_BODY_BYTES", "10 MB", "above zero"],
    ["PAYLOADS_URL", "https://s3.example.org", "the bucket's name"],
    ["PAYLOADS_URL", "https://me:secret@s3.example.org/waybill", "is no address of a bucket"],
    ["PAYLOADS_URL", "http://s3.example.org/waybill", "write https://"],
    ["PAYLOADS_ABOVE_BYTES", "1000", "16384 bytes or more, or 0"],
    ["STEP_TIMEOUT_MS", "3000000000", "at most 2147483647"],
    ["WORKER_REUSE", "always", "give project, run or never"],
    ["LOG_LEVEL", "verbose", "give debug, info, warn or error"],
    ["EGRESS_ALLOW", "127.0.0.1,10.0.0.0/33", 'holds "10.0.0.0/33"'],
    ["TRUSTED_PROXIES", "loopback,proxy.local", 'holds "proxy.local"'],
    ["TRUSTED_PROXIES", "none,10.0.0.1", 'holds "none" beside others'],
  ] as const)("refuses %s=%s in one sentence that says what to do", (name, text, words) => {
    expect(problemsOf({ [name]: text })[0]).toBe(problemOf(name, text));
    expect(problemOf(name, text)).toMatch(new RegExp(`^${name} .*[^.]\\.$`, "s"));
    expect(problemOf(name, text)).toContain(words);
    expect(() => parseEnv({ [name]: text })).toThrow(words);
  });

  it.each([
    ["PUBLIC_URL", "https://waybill.example.org"],
    ["PUBLIC_URL", "http://[::1]:3000/"],
    ["RUNNER_URL", "unix:/srv/waybill/runner.sock"],
    ["RUNNER_URL", "unix:///srv/waybill/runner.sock"],
    ["RUNNER_URL", "http://[fd00::1]:8080"],
    ["RUNNER_URL", "https://runner:8080, https://10.0.0.5/ ,unix:/srv/a,b/runner.sock"],
    ["RUNNER_ADDRESS", "https://10.0.0.5:4000"],
    ["RUNNER_NAME", "GitHub Actions 2"],
    ["RUNNER_FINGERPRINT", `${"ab".repeat(32)}, ${Array(32).fill("AB").join(":")}`],
    ["SECRET_KEY", "test-secret-key-test-secret-key-test-secret-key"],
    ["SECRET_KEY", Buffer.alloc(32, 7).toString("base64")],
    ["SECRET_KEY", Buffer.alloc(32, 7).toString("hex")],
    ["CREDENTIAL_KEY", `${key}, ${key}`],
    ["DATABASE_URL", "postgresql://me:p%40ss@ep-a.eu.neon.tech/db?sslmode=require"],
    ["DATABASE_URL", "postgres://me:secret@/waybill?host=/run/postgresql"],
    ["SMTP_URL", "smtps://user:pass@mail.example.org"],
    ["PAYLOADS_URL", "https://s3.eu-central-1.amazonaws.com/waybill"],
    ["PAYLOADS_URL", "http://127.0.0.1:9000/waybill/"],
    ["PAYLOADS_ABOVE_BYTES", "0"],
    ["MAIL_FROM", "waybill@localhost"],
    ["MAIL_FROM", '"Waybill, Inc." <w@example.org>'],
    ["HOST", "::1"],
    ["HOST", "waybill.internal"],
    ["PORT", "0"],
    ["INNGEST_DEV", "http://inngest:8288"],
    ["MAX_BODY_BYTES", "1e7"],
  ] as const)("takes %s=%s", (name, text) => expect(problemOf(name, text)).toBeUndefined());

  it("declares a default that its own check would take", () => {
    for (const [name, { default: value }] of declared)
      if (value !== undefined && !Array.isArray(value))
        expect(
          problemOf(name, typeof value === "boolean" ? String(Number(value)) : String(value)),
          name,
        ).toBeUndefined();
  });

  it("takes the destinations and the runner's addresses that their readers take, and no others", () => {
    const isRead = (read: (text: string) => unknown, text: string) => {
      try {
        read(text);
        return true;
      } catch {
        return false;
      }
    };
    const destinations =
      "localhost,a.example:8443,10.0.0.0/8,10.0.0.0/33,10.0.0.0/8:80,::1,[::1]:80,[fd00::/8]:443,fd00::/8,fd00::/129,300.1.1.1/8,a:0,a:70000,a b,http://a,fe80::1%eth0,::ffff:1.2.3.4,1::2::3,a/8,*.example,[a]";
    for (const text of destinations.split(","))
      expect(problemOf("EGRESS_ALLOW", text) === undefined, text).toBe(isRead(parseRule, text));
    const proxies =
      "loopback,none,10.0.0.1,10.0.0.0/8,10.0.0.0/33,::1,fd00::/8,fd00::/129,fe80::1%eth0,localhost,1.2.3.4:80,[::1],300.1.1.1,a/8,::ffff:1.2.3.4,01.2.3.4";
    for (const text of proxies.split(","))
      expect(problemOf("TRUSTED_PROXIES", text) === undefined, text).toBe(
        isRead((one) => trustIn([one]), text),
      );
    const runners = [
      "bogus",
      "unix:",
      "unix:/a",
      "unix:///a",
      "http://h",
      "http://h:1",
      "http://h:70000",
      "https://h",
      "https://h:1,unix:/a,b,http://h",
      "https://h,bogus",
      "http://",
    ];
    for (const text of runners)
      expect(problemOf("RUNNER_URL", text) === undefined, text).toBe(isRead(runnerUrls, text));
  });

  it("never shows a secret, or the password of an address", () => {
    const secrets = declared.filter(([, { isSecret }]) => isSecret).map(([name]) => name);
    expect(secrets).toEqual(
      expect.arrayContaining(["SECRET_KEY", "CREDENTIAL_KEY", "DATABASE_URL", "SMTP_URL", "RUNNER_TOKEN"]),
    );
    const source = Object.fromEntries(secrets.map((name) => [name, "hünter two"]));
    const said = problemsOf({ ...source, PUBLIC_URL: "https://ada:hünter@example.org" }).join("\n");
    expect(said).toContain("PUBLIC_URL");
    expect(said).not.toContain("hünter");
  });
});

describe("several settings", () => {
  it("are all told at once, one sentence each", () => {
    expect(problemsOf({ PUBLIC_URL: "notaurl", RUNNER_URL: "bogus", SECRET_KEY: "short" })).toHaveLength(3);
  });

  it.each([
    [{ GITHUB_ID: "a" }, "GITHUB_ID is set without GITHUB_SECRET"],
    [{ GOOGLE_SECRET: "a" }, "GOOGLE_SECRET is set without GOOGLE_ID"],
    [
      { OIDC_NAME: "Example ID" },
      "OIDC_NAME is set without OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET",
    ],
    [
      { OIDC_ISSUER: "https://id.example.org", OIDC_CLIENT_ID: "a" },
      "OIDC_ISSUER and OIDC_CLIENT_ID are set without OIDC_CLIENT_SECRET",
    ],
    [
      { INNGEST_BASE_URL: "http://i:8288" },
      "INNGEST_BASE_URL is set without INNGEST_EVENT_KEY and INNGEST_SIGNING_KEY",
    ],
    [{ INNGEST_EVENT_KEY: "a" }, "INNGEST_EVENT_KEY is set without INNGEST_SIGNING_KEY"],
    [{ INNGEST_DEV: "0" }, "INNGEST_DEV is set without"],
    [{ RUNNER_CERT: "/c" }, "RUNNER_CERT is set without RUNNER_KEY"],
    [{ RUNNER_CLIENT_KEY: "/k" }, "RUNNER_CLIENT_KEY is set without RUNNER_CLIENT_CERT"],
    [{ RUNNER_REGISTER_AT: "https://w.example.org" }, "add RUNNER_ADDRESS"],
    [
      { RUNNER_REGISTER_AT: "https://w.example.org", RUNNER_URL: "https://0.0.0.0:4000" },
      "add RUNNER_ADDRESS",
    ],
    [
      { RUNNER_URL: "http://10.0.0.5:4000" },
      "RUNNER_URL names http://10.0.0.5:4000, where stored credentials",
    ],
    [{ RUNNER_URL: "https://a:1,http://b:1" }, "RUNNER_URL names http://b:1, where stored credentials"],
    [{ RUNNER_URL: "http://0.0.0.0:4000", RUNNER_ALLOW_PLAIN: "0" }, "set RUNNER_ALLOW_PLAIN=1 where"],
    [{ RUNNER_ADDRESS: "http://runner:4000" }, "RUNNER_ADDRESS names http://runner:4000"],
    [{ INNGEST_SERVE_ORIGIN: "https://w.example.org" }, "INNGEST_SERVE_ORIGIN is set without"],
    [{ INNGEST_CONNECT: "1" }, "INNGEST_CONNECT is set without"],
  ])("that need each other are refused alone: %j", (source, words) => {
    expect(problemsOf(source)).toEqual([expect.stringContaining(words)]);
  });

  it.each([
    {},
    { INNGEST_DEV: "1" },
    { INNGEST_DEV: "1", INNGEST_BASE_URL: "http://inngest:8288" },
    { INNGEST_CONNECT: "0" },
    { INNGEST_EVENT_KEY: "e", INNGEST_SIGNING_KEY: "s" },
    { INNGEST_BASE_URL: "http://i:8288", INNGEST_EVENT_KEY: "e", INNGEST_SIGNING_KEY: "s", INNGEST_DEV: "0" },
    { RUNNER_URL: "http://127.0.0.1:4000,http://localhost:4001,http://[::1]:4002,unix:/a" },
    { RUNNER_URL: "http://10.0.0.5:4000", RUNNER_ALLOW_PLAIN: "1" },
    { RUNNER_REGISTER_AT: "http://web:3000", RUNNER_URL: "https://10.0.0.5:4000" },
    {
      RUNNER_REGISTER_AT: "http://web:3000",
      RUNNER_URL: "https://0.0.0.0:4000",
      RUNNER_ADDRESS: "https://runner",
    },
    { GITHUB_ID: "a", GITHUB_SECRET: "b", GOOGLE_ID: "", GOOGLE_SECRET: "" },
    { OIDC_ISSUER: "https://id.example.org", OIDC_CLIENT_ID: "a", OIDC_CLIENT_SECRET: "b" },
  ])("are taken together: %j", (source) => expect(problemsOf(source)).toEqual([]));
});

describe("a name that is none", () => {
  it.each([
    ["PUBLICURL", "PUBLIC_URL"],
    ["EGRESS_ALOW", "EGRESS_ALLOW"],
    ["DATABSE_URL", "DATABASE_URL"],
    ["ALLOW_SIGN_UP", "ALLOW_SIGNUP"],
    ["secret_key", "SECRET_KEY"],
  ])("%s is taken for %s", (name, meant) => {
    expect(misspelt({ [name]: "x" })).toEqual([expect.stringContaining(`If you mean ${meant},`)]);
  });

  it("of the machine's own, of a build server's or of another program is left alone", () => {
    const names =
      "HOME HOSTNAME HOSTTYPE USER LOGNAME PATH PWD OLDPWD SHLVL TERM LANG TZ EDITOR XDG_DATA_DIRS XDG_DATA_HOME NODE_OPTIONS npm_config_registry DATABASE_DSN PGHOST PGPORT SMTP_HOST MAIL_TO GITHUB_SHA GITHUB_REF GITHUB_ENV GITHUB_RUN_ID GITHUB_JOB GITHUB_TOKEN GITHUB_ACTOR_ID RUNNER_OS RUNNER_TEMP RUNNER_ARCH RUNNER_NAME RUNNER_TOOL_CACHE GOOGLE_API_KEY OIDC_AUDIENCE WAYBILL_DIST LOG_FORMAT SECRET API_KEY NEXTAUTH_URL DEBUG CI";
    expect(misspelt(Object.fromEntries(names.split(" ").map((name) => [name, "x"])))).toEqual([]);
    expect(misspelt(Object.fromEntries(declared.map(([name]) => [name, "x"])))).toEqual([]);
  });
});

it("the runner is told neither the database nor a key, and tests unset what is somebody's own", () => {
  for (const name of ["DATABASE_URL", "SECRET_KEY", "CREDENTIAL_KEY", "SMTP_URL", "GITHUB_SECRET"] as const) {
    expect(namesFor("runner")).not.toContain(name);
    expect(personalNames).toContain(name);
  }
});
