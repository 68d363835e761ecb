import { type Jump, SectionNav } from "./section-nav";

export const accountSections: readonly Jump[] = [
  ["profile", "Profile"],
  ["notices", "Notices"],
  ["tokens", "API tokens"],
  ["credentials", "Credentials"],
  ["oauth-clients", "OAuth2 clients"],
  ["sessions", "Sessions"],
  ["second-factor", "Second factor"],
  ["password", "Password"],
  ["delete", "Delete"],
];

/** Jumps within the account page. */
export const AccountNav = () => <SectionNav label="Your account" sections={accountSections} />;
