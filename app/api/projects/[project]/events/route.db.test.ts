import { NextRequest } from "next/server";
import { afterEach, expect, test, vi } from "vitest";
import { createToken } from "@/lib/domain/token/create";
import { liveHub } from "@/lib/live/shared";
import { createTestProject, createTestUser, userContextFor } from "@/lib/testing/fixtures";
import { GET } from "./route";

afterEach(() => {
  vi.restoreAllMocks();
});

/** A page that watches a project of its own; `watchers` counts those that the hub still tells. */
async function open(signal?: AbortSignal) {
  const owner = await createTestUser();
  const project = await createTestProject({ owner });
  const { token } = await createToken(userContextFor(owner), { name: "page" });
  const hub = liveHub();
  vi.spyOn(hub, "ready").mockResolvedValue();
  const watchers = { count: 0, tell: (_: string, __?: string) => {} };
  const watch = hub.watch.bind(hub);
  vi.spyOn(hub, "watch").mockImplementation((id, listener) => {
    const stop = watch(id, listener);
    watchers.count++;
    watchers.tell = (messageId, userId) =>
      listener({ projectId: id, topic: "messages", ids: [messageId], userId });
    let isOver = false;
    return () => {
      stop();
      if (!isOver) watchers.count--;
      isOver = true;
    };
  });
  const request = new NextRequest("http://127.0.0.1/api", {
    headers: { authorization: `Bearer ${token}` },
    ...(signal ? { signal } : {}),
  });
  const response = await GET(request, { params: Promise.resolve({ project: project.id }) });
  const reader = response.body?.getReader();
  const next = async () => new TextDecoder().decode((await reader?.read())?.value);
  return { owner, response, reader, next, watchers };
}

test("a hint arrives as an event", async () => {
  const { response, reader, next, watchers } = await open();
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  expect(await next()).toBe("retry: 2000\n\n");
  watchers.tell("1");
  expect(await next()).toBe('data: {"topic":"messages","ids":["1"]}\n\n');
  await reader?.cancel();
});

test("what concerns one person arrives at nobody else", async () => {
  const { owner, reader, next, watchers } = await open();
  await next();
  watchers.tell("theirs", crypto.randomUUID());
  watchers.tell("mine", owner.id);
  expect(await next()).toBe('data: {"topic":"messages","ids":["mine"]}\n\n');
  await reader?.cancel();
});

test("a page that goes away watches no longer", async () => {
  const { reader, next, watchers } = await open();
  await next();
  expect(watchers.count).toBe(1);
  await reader?.cancel();
  expect(watchers.count).toBe(0);
});

test("a page that went away before the stream began does not watch", async () => {
  const { response, watchers } = await open(AbortSignal.abort());
  expect(response.status).toBe(499);
  expect(watchers.count).toBe(0);
});
