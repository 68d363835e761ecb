import http from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EgressPolicy } from "./egress-policy";
import { assertAllowed, guardedLookup, requestOutbound } from "./outbound";

let port = 0;
const hits: string[] = [];
const server = http.createServer((request, response) => {
  hits.push(`${request.method} ${request.url}`);
  if (request.url === "/redirect") response.writeHead(302, { location: "http://169.254.169.254/" }).end();
  else response.end(request.url === "/long" ? "x".repeat(5000) : "hello");
});
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  port = typeof address === "object" && address ? address.port : 0;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const closed = new EgressPolicy({ resolve: async () => ["127.0.0.1"] });
const open = () => new EgressPolicy({ allow: [`127.0.0.1:${port}`], resolve: async () => ["127.0.0.1"] });

test("a private destination is refused by name, by address and in odd notations, and never reached", async () => {
  for (const host of ["private.test", "127.0.0.1", "0x7f.1", "2130706433", "[::ffff:127.0.0.1]"]) {
    await expect(requestOutbound(closed, { url: `http://${host}:${port}/` })).rejects.toMatchObject({
      code: "EACCES",
    });
  }
  expect(hits).toEqual([]);
});

test("an allowed one answers; a redirect is handed back, not followed", async () => {
  const url = `http://127.0.0.1:${port}`;
  expect(await requestOutbound(open(), { url: `${url}/x`, method: "POST", body: "b" })).toMatchObject({
    status: 200,
    body: "hello",
  });
  expect(await requestOutbound(open(), { url: `${url}/redirect` })).toMatchObject({ status: 302 });
  expect(hits).toEqual(["POST /x", "GET /redirect"]);
});

test("an answer that is too long is an error", async () => {
  await expect(
    requestOutbound(open(), { url: `http://127.0.0.1:${port}/long`, maxBytes: 1000 }),
  ).rejects.toThrow(/longer/);
});

test("addresses with a user, and other schemes, are refused at once", async () => {
  await expect(assertAllowed(open(), "http://user:pw@example.org/")).rejects.toThrow(/user and password/);
  for (const url of ["file:///etc/passwd", "ftp://example.org", "nothing"])
    await expect(assertAllowed(open(), url)).rejects.toThrow(/http/);
});

test("a name whose address changes between check and connection is refused at the connection", async () => {
  const answers = [["93.184.216.34"], ["127.0.0.1"]];
  const flipping = new EgressPolicy({ resolve: async () => answers.shift() ?? ["127.0.0.1"] });
  await expect(requestOutbound(flipping, { url: `http://rebind.test:${port}/` })).rejects.toMatchObject({
    code: "EACCES",
  });
});

test("the lookup hook answers allowed addresses only", async () => {
  const ask = (policy: EgressPolicy) =>
    new Promise((resolve) =>
      guardedLookup(policy, port)("private.test", {}, (error, address) => resolve(error?.code ?? address)),
    );
  expect(await ask(closed)).toBe("EACCES");
  expect(await ask(open())).toBe("127.0.0.1");
});
