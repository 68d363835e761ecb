import type { LimitKind } from "@/lib/words";
import type { Mail } from "./mail";

/** Plain text: nothing to render, nothing to track. */
export const invitationMail = (input: {
  to: string;
  project: string;
  role: string;
  invitedBy: string;
  link: string;
  days: number;
  requireSecondFactor: boolean;
}): Mail => ({
  to: input.to,
  subject: `${input.invitedBy} invites you to ${input.project} on Waybill`,
  text: [
    `${input.invitedBy} invites you to the project ${input.project} as ${input.role}.`,
    "",
    "Accept or decline here:",
    input.link,
    "",
    ...(input.requireSecondFactor
      ? ["The project asks for a second factor: have an authenticator app at hand.", ""]
      : []),
    `The link works once, for ${input.days} days, for ${input.to}. If you do not know the sender, ignore this mail.`,
  ].join("\n"),
});

export const projectDeletionMail = (input: {
  to: string;
  project: string;
  by: string;
  day: string;
  link: string;
}): Mail => ({
  to: input.to,
  subject: `${input.project} is being deleted on Waybill`,
  text: [
    `${input.by} has deleted the project ${input.project}.`,
    "",
    `It accepts and starts nothing any more. On ${input.day} all that it holds is deleted for good; until then its owner can undo it here:`,
    input.link,
  ].join("\n"),
});

/** What a soft and a hard limit do with what comes when the month's runs are used up. */
export const beyondPlan: Record<LimitKind, string> = {
  soft: "What comes beyond them is kept, but not run: its work orders are rejected, and can be released once there are runs again.",
  hard: "What comes beyond them is refused with the status 429, and not kept.",
};

export const accountDeletionMail = (input: { to: string; day: string; link: string }): Mail => ({
  to: input.to,
  subject: "Your Waybill account is being deleted",
  text: [
    `The account for ${input.to} is being deleted, and signed out everywhere.`,
    "",
    `On ${input.day} it is deleted for good. Until then, sign in to undo it:`,
    input.link,
    "",
    "If it was not you, sign in, undo it, and change your password.",
  ].join("\n"),
});

export const newAccountMail = (input: { to: string; link: string; minutes: number }): Mail => ({
  to: input.to,
  subject: "Your new account at Waybill",
  text: [
    "This link makes your account at Waybill and signs you in:",
    input.link,
    "",
    `It works once, for ${input.minutes} minutes. Your name and a password are set on your account page, if you like.`,
    "If you did not ask for it, ignore this mail: there is no account without it.",
  ].join("\n"),
});

export const signInMail = (input: { to: string; link: string; minutes: number }): Mail => ({
  to: input.to,
  subject: "Your sign-in link for Waybill",
  text: [
    "Sign in to Waybill with this link:",
    input.link,
    "",
    `It works once, for ${input.minutes} minutes. If you did not ask for it, ignore this mail: nobody can sign in without it.`,
    "Somebody who wanted to register with this address is sent the same: you have an account already.",
  ].join("\n"),
});
