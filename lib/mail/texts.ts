import type { Mail } from "./send";

/** Plain text: nothing to render, nothing to track. */
export const invitationMail = (input: {
  to: string;
  project: string;
  role: string;
  invitedBy: string;
  link: string;
  days: number;
}): Mail => ({
  to: input.to,
  subject: `${input.invitedBy} invites you to ${input.project} on Waybill`,
  text: [
    `${input.invitedBy} invites you to the project ${input.project} as ${input.role}.`,
    "",
    "Accept or decline here:",
    input.link,
    "",
    `The link works once, for ${input.days} days, for ${input.to}. If you do not know the sender, ignore this mail.`,
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
  ].join("\n"),
});
