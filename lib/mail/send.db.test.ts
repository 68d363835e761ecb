import net, { type AddressInfo } from "node:net";
import { eq } from "drizzle-orm";
import { afterEach, beforeAll, expect, it, vi } from "vitest";
import { mails } from "@/db/schema";
import { testDatabase } from "@/lib/testing/database";

const mail = () => ({
  to: `m-${Math.random()}@example.org`,
  subject: "Hello",
  text: "https://example.org/secret-link",
});

beforeAll(() => {
  testDatabase();
});
afterEach(() => vi.unstubAllEnvs());

/** `sendMail` of a process with these variables. */
async function senderWith(variables: Record<string, string>) {
  vi.resetModules();
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  const { sendMail } = await import("./send");
  return (message: ReturnType<typeof mail>) => sendMail(testDatabase().db, message);
}

/** A mail server that takes everything, or refuses every recipient. */
async function mailServer(options: { refuses?: boolean } = {}) {
  let received = "";
  const server = net.createServer((socket) => {
    let isData = false;
    socket.write("220 test\r\n");
    socket.on("data", (chunk) => {
      const text = String(chunk);
      received += text;
      if (isData) {
        if (!received.endsWith("\r\n.\r\n")) return;
        isData = false;
        socket.write("250 taken\r\n");
      } else if (text.startsWith("DATA")) {
        isData = true;
        socket.write("354 go on\r\n");
      } else if (text.startsWith("RCPT") && options.refuses) socket.write("550 nobody here\r\n");
      else if (text.startsWith("QUIT")) socket.end("221 bye\r\n");
      else socket.write("250 ok\r\n");
    });
    socket.on("error", () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `smtp://127.0.0.1:${port}`, received: () => received, close: () => server.close() };
}

const rowOf = async (to: string) => (await testDatabase().db.select().from(mails).where(eq(mails.to, to)))[0];

it("keeps a mail for the local page where no server is configured", async () => {
  const message = mail();
  expect(await (await senderWith({}))(message)).toBe("shown");
  expect(await rowOf(message.to)).toMatchObject({ text: message.text, sentAt: null, error: null });
});

it("sends it where one is, and records it without its text", async () => {
  const server = await mailServer();
  const message = mail();
  expect(
    await (await senderWith({ SMTP_URL: server.url, MAIL_FROM: "Waybill <w@example.org>" }))(message),
  ).toBe("sent");
  expect(server.received()).toContain("secret-link");
  expect(server.received()).toContain("MAIL FROM:<w@example.org>");
  const row = await rowOf(message.to);
  expect(row).toMatchObject({ text: "", error: null });
  expect(row?.sentAt).toBeInstanceOf(Date);
  server.close();
});

it("never throws: what the server refuses is in the answer and in the record", async () => {
  const server = await mailServer({ refuses: true });
  const message = mail();
  expect(await (await senderWith({ SMTP_URL: server.url, LOG_LEVEL: "error" }))(message)).toBe("failed");
  expect((await rowOf(message.to))?.error).toContain("550");
  server.close();
});

it("sends nothing where nobody could ever read it", async () => {
  const message = mail();
  expect(await (await senderWith({ HOST: "0.0.0.0" }))(message)).toBe("unavailable");
  expect(await rowOf(message.to)).toBeUndefined();
});
