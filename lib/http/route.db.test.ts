import { NextRequest } from "next/server";
import { expect, test } from "vitest";
import { POST } from "@/app/api/account/credentials/route";
import { sessionCookieName, sessionCookieValue } from "@/lib/auth/cookie";
import { createSession } from "@/lib/domain/session/create";
import { createToken } from "@/lib/domain/token/create";
import { testDatabase } from "@/lib/testing/database";
import { createTestUser, userContextFor } from "@/lib/testing/fixtures";

const { db } = testDatabase();
const here = "http://127.0.0.1";
const elsewhere = "https://elsewhere.example";

async function store(headers: Record<string, string>): Promise<number> {
  const request = new NextRequest(`${here}/api/account/credentials`, {
    method: "POST",
    headers: { "content-type": "application/json", host: "127.0.0.1", ...headers },
    body: JSON.stringify({ name: `Made ${Math.random()}`, body: {} }),
  });
  return (await POST(request, { params: Promise.resolve({}) })).status;
}

test("another site cannot ride on a session, whatever it puts into Authorization", async () => {
  const user = await createTestUser();
  const session = await createSession(db, { userId: user.id });
  const cookie = `${sessionCookieName()}=${await sessionCookieValue(session)}`;
  expect(await store({ cookie, origin: here })).toBe(201);
  for (const authorization of ["Basic x", "Bearer", "bearer ", "Digest y", "x"])
    expect(await store({ cookie, origin: elsewhere, authorization }), authorization).toBe(403);
  expect(await store({ cookie, origin: elsewhere })).toBe(403);
  expect(await store({ cookie, "sec-fetch-site": "cross-site", authorization: "Basic x" })).toBe(403);
});

test("an API token rides on nothing, so it may come from anywhere; a wrong one does not fall back on the cookie", async () => {
  const user = await createTestUser();
  const { token } = await createToken(userContextFor(user), { name: "script" });
  const session = await createSession(db, { userId: user.id });
  const cookie = `${sessionCookieName()}=${await sessionCookieValue(session)}`;
  expect(await store({ authorization: `Bearer ${token}`, origin: elsewhere })).toBe(201);
  expect(await store({ authorization: "Bearer wb_wrong", origin: elsewhere, cookie })).toBe(401);
});
