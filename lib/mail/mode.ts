import { type Env, env } from "@/lib/env";
import { mailModeOf } from "@/lib/settings/mail-mode.mjs";

export { isLoopback } from "@/lib/settings/mail-mode.mjs";

export type MailMode = ReturnType<typeof mailModeOf>;

/** What becomes of mails in this process's environment. */
export const mailMode = (e: Env = env()): MailMode => mailModeOf(e);
