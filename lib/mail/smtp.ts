import { Readable } from "node:stream";
import { createTransport } from "nodemailer";
import { env } from "@/lib/env";
import { singleLine } from "@/lib/text";
import type { Mail } from "./mail";

/** For each word of the server, and for all of them. */
const timeoutMs = 15_000;
const longestMs = 60_000;

/**
 * What came of a mail. `refused`: the server said no to it, so it has not taken it. `away`: there was no server to say
 * anything, or it said no to us. `uncertain`: it was handed all of it and gave no answer, so nobody knows.
 */
export type Transmission =
  | { outcome: "sent" }
  | { outcome: "refused" | "away" | "uncertain"; reason: string; detail: string };

export type TransmitOptions = {
  /** Called before the first byte of the mail goes out. What it throws keeps the mail here: `away`. */
  onHand?: () => Promise<void>;
  /** Gives up when it is aborted; by default after a minute. */
  signal?: AbortSignal;
};

/** Sends a mail through SMTP_URL. Never throws; nothing of it is on its way any more when it resolves. */
export async function transmit(mail: Mail, options: TransmitOptions = {}): Promise<Transmission> {
  const { SMTP_URL, MAIL_FROM } = env();
  if (!SMTP_URL) return away("No mail server is configured.");
  const { onHand, signal = AbortSignal.timeout(longestMs) } = options;
  let isHanded = false;
  const transport = createTransport({
    url: SMTP_URL,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
  });
  transport.use("stream", ({ message }, done) => {
    const bytes = message.createReadStream.bind(message);
    // Read only when the server has asked for it: everything before may be repeated.
    message.createReadStream = () => Readable.from(handed(bytes));
    done();
  });
  async function* handed(bytes: () => NodeJS.ReadableStream) {
    isHanded = true;
    try {
      await onHand?.();
    } catch (error) {
      isHanded = false;
      throw error;
    }
    signal.throwIfAborted();
    yield* bytes();
  }
  try {
    const { messageId, headers, ...rest } = mail;
    await transport.sendMail({
      from: MAIL_FROM,
      ...rest,
      ...(headers && { headers }),
      ...(messageId && { messageId }),
      // A server that says a word now and then is never silent for long enough.
      signal,
    });
    return { outcome: "sent" };
  } catch (error) {
    return outcomeOf(error as SmtpError, isHanded);
  } finally {
    transport.close();
  }
}

type SmtpError = Error & {
  code?: string;
  originalCode?: string;
  responseCode?: number;
  response?: string;
  command?: string;
};

const away = (reason: string, detail = reason): Transmission => ({ outcome: "away", reason, detail });

function outcomeOf(error: SmtpError, isHanded: boolean): Transmission {
  const detail = singleLine(error.message ?? String(error), maxChars);
  const { responseCode, response = "", command = "" } = error;
  // It speaks of this mail. What it says of us (greeting, sign-in, sender) is the operator's business alone.
  if (responseCode && /^(RCPT TO|DATA)$/.test(command)) {
    const about = command === "DATA" ? "the mail" : "the recipient";
    return {
      outcome: "refused",
      reason: `The mail server refused ${about}: ${singleLine(response, maxChars)}`,
      detail,
    };
  }
  if (responseCode) return away(`The mail server refused us (${responseCode}).`, detail);
  if (isHanded)
    return {
      outcome: "uncertain",
      reason: "The mail server was given the mail and did not say whether it took it.",
      detail,
    };
  return away(
    `The mail server could not be reached (${error.originalCode ?? error.code ?? error.name}).`,
    detail,
  );
}

const maxChars = 200;
