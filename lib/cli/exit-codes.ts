/** How commands end; the README says what each means. The first three are those of OpenFn's command line. */
export const exitCodes = {
  done: 0,
  /** Declined, refused before anything was sent, or a command line that cannot be obeyed. */
  failed: 1,
  /** `merge` left conflicts; `plan --exit-code` found changes. */
  differs: 2,
  /** Config, spec, state, or a server that says no. */
  deployError: 10,
  /** Ctrl-C. */
  interrupted: 130,
} as const;
