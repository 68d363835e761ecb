// @ts-check
/**
 * The commands of the command line and what each is for, in the order of the help. Plain JavaScript: the launcher reads it
 * before anything is installed or built.
 */
export const cliCommands = /** @type {const} */ ({
  login: "Keep the address of a server and a token for it, for this user",
  pull: "Pull a project's spec and state from a server to the local directory",
  deploy: "Deploy a project's spec to a server",
  plan: "Say what a deploy would change, and what was changed on the server since the last pull",
  merge: "Join what was changed here with what was changed on the server since the last pull",
  run: "Compile a job and run it here, in the sandbox of the product, without a server",
  test: "Run jobs on saved inputs and compare what they hand on with what is expected",
  logs: "Print the log of a run, or of a project's runs as they come",
  messages: "List the messages of a project's inbox with the states of their jobs",
  rerun: "Process a message again, or a run from one of its steps on",
});

/** @typedef {keyof typeof cliCommands} CliCommand */
