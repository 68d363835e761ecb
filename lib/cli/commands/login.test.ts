import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type Asked, cli, stubServer } from "@/lib/cli/testing";

let cwd: string;
let server: Awaited<ReturnType<typeof stubServer>>;
let status: number;
beforeEach(async () => {
  cwd = fs.mkdtempSync(path.join(os.tmpdir(), "waybill-cli-"));
  status = 404;
  server = await stubServer(() => ({ status, body: { error: "Not Found" } }));
});
afterEach(async () => {
  await server.close();
  fs.rmSync(cwd, { recursive: true });
});

const kept = () => path.join(cwd, ".home/waybill/logins.json");
const login = (stdin: string, ...args: string[]) => cli(["login", server.url, ...args], { cwd, stdin });

it("tries the token, keeps it for this user alone, and never prints it", async () => {
  const ran = await login("s3cret-token\n");
  expect(ran).toMatchObject({ code: 0, stderr: "" });
  expect(ran.stdout).not.toContain("s3cret");
  expect(server.asked.map(({ authorization }: Asked) => authorization)).toEqual(["Bearer s3cret-token"]);
  expect(JSON.parse(fs.readFileSync(kept(), "utf8"))).toEqual({
    endpoint: server.url,
    tokens: { [server.url]: "s3cret-token" },
  });
  expect(fs.statSync(kept()).mode & 0o077).toBe(0);
});

it("forgets it again", async () => {
  await login("s3cret-token\n");
  expect(await login("", "--forget")).toMatchObject({ code: 0 });
  expect(JSON.parse(fs.readFileSync(kept(), "utf8"))).toEqual({ tokens: {} });
});

it("keeps no token that the server does not know", async () => {
  status = 401;
  const ran = await login("wrong\n");
  expect(ran.code).toBe(10);
  expect(ran.stderr).toContain(
    `Failed to authorize request with endpoint ${server.url}, got 401 Unauthorized.`,
  );
  expect(fs.existsSync(kept())).toBe(false);
});

it("keeps nothing of a server that is something else", async () => {
  status = 200;
  expect(await login("token\n")).toMatchObject({ code: 10 });
  expect(fs.existsSync(kept())).toBe(false);
});

it("says where a token is made when none was given", async () => {
  const ran = await login("");
  expect(ran.code).toBe(10);
  expect(ran.stderr).toContain("Missing API key");
  expect(ran.stderr).toContain(`${server.url}/account`);
});

it("answers in JSON, and keeps the log off standard output", async () => {
  const ran = await login("token\n", "--json");
  expect(JSON.parse(ran.stdout)).toEqual({ endpoint: server.url, file: kept() });
  expect(ran.stderr).toContain("Logged in");
});

it("names the server that cannot be reached in OpenFn's words", async () => {
  await server.close();
  const ran = await login("token\n");
  expect(ran.code).toBe(10);
  expect(ran.stderr).toContain(`Failed to connect to endpoint ${server.url}, got ECONNREFUSED.`);
});

it("keeps no address with a password in it, and does not print it", async () => {
  const address = server.url.replace("//", "//ada:s3cret@");
  const ran = await cli(["login", address], { cwd, stdin: "token\n" });
  expect(ran.code).toBe(10);
  expect(ran.stderr).toContain("Invalid endpoint");
  expect(ran.stdout + ran.stderr).not.toContain("s3cret");
  expect(fs.existsSync(kept())).toBe(false);
  expect(server.asked).toEqual([]);
});

it("gives the token to no other server that this one points at", async () => {
  const other = await stubServer(() => ({ status: 404, body: { error: "Not Found" } }));
  const first = await stubServer(({ url }) => ({ status: 307, headers: { location: `${other.url}${url}` } }));
  try {
    await cli(["login", first.url], { cwd, stdin: "s3cret-token\n" });
    expect(first.asked.map(({ authorization }: Asked) => authorization)).toEqual(["Bearer s3cret-token"]);
    expect(other.asked.map(({ authorization }: Asked) => authorization).filter(Boolean)).toEqual([]);
  } finally {
    await Promise.all([first.close(), other.close()]);
  }
});
