import net from "node:net";
import { type ParsedMail, simpleParser } from "mailparser";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Mail } from "./mail";
import type { TransmitOptions } from "./smtp";

const mail: Mail = {
  to: "ada@example.org",
  subject: "Payment failed – 9 times",
  text: "Nine messages.\n\n.\nA line with a dot.",
  html: "<p>Nine messages.</p>",
  headers: { "list-unsubscribe": "<https://example.org/n/stop/x>" },
  messageId: "<0198@waybill.example.org>",
};

let end: (() => void)[] = [];
beforeEach(() => vi.resetModules());
afterEach(() => {
  for (const one of end) one();
  end = [];
  vi.unstubAllEnvs();
});

async function sendTo(url: string, options: TransmitOptions = {}, of: Mail = mail) {
  vi.stubEnv("SMTP_URL", url);
  vi.stubEnv("MAIL_FROM", "Waybill <waybill@example.org>");
  const { transmit } = await import("./smtp");
  return transmit(of, options);
}

/** A real mail server, with what it was given. */
async function smtp(options: SMTPServerOptions = {}) {
  const taken: ParsedMail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onData: (stream, _session, done) => {
      simpleParser(stream).then((parsed) => {
        taken.push(parsed);
        done();
      }, done);
    },
    ...options,
  });
  server.on("error", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  end.push(() => server.close());
  const address = server.server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return { url: `smtp://127.0.0.1:${port}`, taken };
}

/** A server that says what it is told to, and notes what it hears. */
async function scripted(answer: (line: string, socket: net.Socket, isData: boolean) => void) {
  let heard = "";
  const server = net.createServer((socket) => {
    let isData = false;
    socket.on("error", () => {});
    socket.write("220 scripted\r\n");
    socket.on("data", (chunk) => {
      heard += chunk;
      const was = isData;
      if (String(chunk).startsWith("DATA")) isData = true;
      answer(String(chunk), socket, was);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  end.push(() => server.close());
  const { port } = server.address() as net.AddressInfo;
  return { url: `smtp://127.0.0.1:${port}`, heard: () => heard };
}

const refusing = (said: string, text = "no") =>
  Object.assign(new Error(text), { responseCode: Number(said) });

describe("transmit", () => {
  it("hands the mail over once the server has asked for it, and says that it was taken", async () => {
    const order: string[] = [];
    const server = await smtp({
      onRcptTo: (_address, _session, done) => {
        order.push("recipient");
        done();
      },
    });
    const done = await sendTo(server.url, { onHand: async () => void order.push("handed") });
    expect(done).toEqual({ outcome: "sent" });
    expect(order).toEqual(["recipient", "handed"]);
    const [got] = server.taken;
    expect(got).toMatchObject({ subject: mail.subject, messageId: mail.messageId });
    expect(got?.text?.trim()).toBe(mail.text);
    expect(got?.html).toContain("<p>Nine messages.</p>");
    expect(got?.from?.text).toContain("waybill@example.org");
    expect(got?.headers.get("list")).toMatchObject({ unsubscribe: { url: "https://example.org/n/stop/x" } });
  });

  it.each<[string, SMTPServerOptions, string, RegExp]>([
    ["closes at the door", { onConnect: (_s, done) => done(refusing("421", "busy")) }, "away", /421/],
    [
      "refuses the sender",
      { onMailFrom: (_a, _s, done) => done(refusing("550")) },
      "away",
      /refused us \(550\)/,
    ],
    [
      "refuses the recipient",
      { onRcptTo: (_a, _s, done) => done(refusing("550", "nobody here")) },
      "refused",
      /recipient: 550 nobody here/,
    ],
    [
      "is busy for the recipient",
      { onRcptTo: (_a, _s, done) => done(refusing("451")) },
      "refused",
      /recipient: 451/,
    ],
  ])("a server that %s has nothing of it", async (_name, options, outcome, reason) => {
    const server = await smtp(options);
    const onHand = vi.fn(async () => {});
    expect(await sendTo(server.url, { onHand })).toMatchObject({
      outcome,
      reason: expect.stringMatching(reason),
    });
    expect(onHand).not.toHaveBeenCalled();
    expect(server.taken).toEqual([]);
  });

  it("what is refused after all of it was said was not taken", async () => {
    const server = await smtp({
      onData: (stream, _session, done) => {
        stream.resume();
        stream.once("end", () => done(refusing("552", "too large")));
      },
    });
    const onHand = vi.fn(async () => {});
    expect(await sendTo(server.url, { onHand })).toMatchObject({
      outcome: "refused",
      reason: "The mail server refused the mail: 552 too large",
    });
    expect(onHand).toHaveBeenCalledOnce();
  });

  it("a server that is not there, or hangs up before, has nothing", async () => {
    const free = net.createServer();
    await new Promise<void>((resolve) => free.listen(0, "127.0.0.1", resolve));
    const { port } = free.address() as net.AddressInfo;
    await new Promise((resolve) => free.close(resolve));
    const gone = await sendTo(`smtp://127.0.0.1:${port}`);
    expect(gone).toMatchObject({ outcome: "away", reason: expect.stringContaining("ECONNREFUSED") });
    const rude = await scripted((line, socket) =>
      line.startsWith("MAIL") ? socket.destroy() : void socket.write("250 ok\r\n"),
    );
    expect(await sendTo(rude.url)).toMatchObject({ outcome: "away" });
  });

  it.each([
    ["dies", (socket: net.Socket) => void socket.destroy()],
    ["says nothing", (_socket: net.Socket, giveUp: () => void) => giveUp()],
  ])("nobody knows of a mail whose server %s after all of it was said", async (_name, end) => {
    const patience = new AbortController();
    const server = await scripted((line, socket, isData) => {
      if (isData) {
        if (line.includes("\r\n.\r\n")) end(socket, () => patience.abort());
      } else if (line.startsWith("DATA")) socket.write("354 go on\r\n");
      else socket.write("250 ok\r\n");
    });
    expect(await sendTo(server.url, { signal: patience.signal })).toMatchObject({ outcome: "uncertain" });
    expect(server.heard()).toContain("Nine messages.");
  });

  it("a slow server has so long and no longer, however often it says a word", async () => {
    const patience = new AbortController();
    let words = 0;
    const server = await scripted((_line, socket) => {
      const timer = setInterval(() => {
        socket.write("250-wait\r\n");
        if (++words === 5) patience.abort();
      }, 20);
      socket.on("close", () => clearInterval(timer));
    });
    expect(await sendTo(server.url, { signal: patience.signal })).toMatchObject({ outcome: "away" });
  });

  it("a mail that may not be handed over is not: not one byte of it", async () => {
    const server = await scripted((line, socket) =>
      socket.write(line.startsWith("DATA") ? "354 go on\r\n" : "250 ok\r\n"),
    );
    const onHand = async () => {
      throw new Error("somebody else sends it");
    };
    expect(await sendTo(server.url, { onHand })).toMatchObject({ outcome: "away" });
    expect(server.heard()).toContain("DATA");
    expect(server.heard()).not.toContain("Nine messages.");
  });

  it("no line of a subject or header becomes a header of its own", async () => {
    const server = await smtp();
    const subject = "Hello\r\nBcc: eve@example.org\r\n\r\nbody";
    await sendTo(server.url, {}, { ...mail, subject });
    const [got] = server.taken;
    expect(got?.headers.has("bcc")).toBe(false);
    expect(got?.text).not.toContain("body");
  });

  it("says nothing of what we sign in with", async () => {
    const server = await smtp({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth: (_auth, _session, done) => done(new Error("wrong user or password for robot")),
    });
    const done = await sendTo(server.url.replace("smtp://", "smtp://robot:sesame-open@"));
    expect(done).toMatchObject({ outcome: "away", reason: "The mail server refused us (535)." });
    expect(JSON.stringify(done)).not.toContain("sesame");
  });
});
