// @ts-check
/**
 * The commands of the command line and what each is for, in the order of the help. Plain JavaScript: the launcher reads it
 * before anything is installed or built.
 */
export const cliCommands = /** @type {const} */ ({
  login: "Keep the address of a server and a token for it, for this user",
});

/** @typedef {keyof typeof cliCommands} CliCommand */
