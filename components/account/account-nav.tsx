const sections = [
  ["profile", "Profile"],
  ["notices", "Notices"],
  ["tokens", "API tokens"],
  ["credentials", "Credentials"],
  ["sessions", "Sessions"],
  ["second-factor", "Second factor"],
  ["password", "Password"],
  ["delete", "Delete"],
] as const;

/** Jumps within the account page. */
export function AccountNav() {
  return (
    <nav aria-label="Your account" className="mb-5 flex gap-1 overflow-x-auto border-b pb-px">
      {sections.map(([id, label]) => (
        <a
          key={id}
          href={`#${id}`}
          className="whitespace-nowrap rounded-t-md px-2.5 py-2 font-medium text-[13px] text-muted-foreground hover:text-foreground focus-visible:-outline-offset-2"
        >
          {label}
        </a>
      ))}
    </nav>
  );
}
