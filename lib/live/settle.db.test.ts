import { randomUUID } from "node:crypto";
import { expect, inject, test, vi } from "vitest";
import { testConnect, testDatabase } from "@/lib/testing/database";
import { Notifier } from "./notifier";
import { announce, announcementsTold } from "./shared";
import { channels } from "./topics";

test("a process that ends has told of everything before it closes its pool", async () => {
  const { listen } = testDatabase();
  const heard: { channel: string; payload: string }[] = [];
  const stop = await listen(Object.values(channels), (channel, payload) => heard.push({ channel, payload }));
  const projectId = randomUUID();
  const pool = testConnect(inject("databaseUrl"), { max: 1 });
  const notifier = new Notifier(pool);
  notifier.wakeEngine();
  notifier.touch(projectId, "runs", "r");
  await notifier.settle();
  await pool.close();
  const payload = JSON.stringify({ projectId, topic: "runs", ids: ["r"] });
  await vi.waitFor(() => {
    expect(heard).toContainEqual({ channel: channels.outbox, payload: "" });
    expect(heard).toContainEqual({ channel: channels.live, payload });
  });
  await stop();
});

test("the process's own announcements are told the same way; without any there is nothing to wait for", async () => {
  await announcementsTold();
  const { listen } = testDatabase();
  const heard: string[] = [];
  const stop = await listen([channels.live], (_, payload) => heard.push(payload));
  const projectId = randomUUID();
  announce({ projectId, messages: ["m"], wakesEngine: true });
  await announcementsTold();
  await vi.waitFor(() =>
    expect(heard).toContain(JSON.stringify({ projectId, topic: "messages", ids: ["m"] })),
  );
  await stop();
});
