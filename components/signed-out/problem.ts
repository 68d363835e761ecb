const sentences: Record<string, string> = {
  CredentialsSignin: "The e-mail address or the password is not right.",
  Verification: "This link was used already, or is too old. Ask for another one.",
  OAuthAccountNotLinked:
    "There is an account with this e-mail address already. Sign in the way you did before.",
  MailboxUnproven:
    "The provider has not confirmed your e-mail address. Confirm it there, or choose another way to sign in.",
  SignupClosed: "Registration is by invitation here. Ask a collaborator to invite your e-mail address.",
  AccessDenied: "This account cannot sign in. Ask your administrator.",
  EmailSignin: "The link could not be sent. Check the e-mail address and try again.",
  Configuration: "This way of signing in is not set up correctly. Ask your administrator.",
};

/** What is said where there is no code because nobody answered. */
export const unreachable = "The server cannot be reached. Check the connection and try again.";

const general = "Signing in did not work. Try again, or choose another way.";

/** The sentence for an error code of next-auth. Limits arrive as sentences; other texts are nobody's to show. */
export function signInProblem(code: string | string[] | null | undefined): string | undefined {
  const text = Array.isArray(code) ? code[0] : code;
  if (!text) return undefined;
  const limit = /Too many attempts\. Try again in (a minute|\d{1,3} minutes)\./.exec(text)?.[0];
  return limit ?? sentences[text] ?? general;
}
