// @ts-check

/**
 * Every bound on what people and senders bring, once. The README's table, schemas and refusals come from here. Plain
 * data without Node, so that pages, the edge and the launcher can read it.
 *
 * @typedef {object} Limit
 * @property {number} value the most that is allowed
 * @property {string} unit what is counted, in the plural
 * @property {string} of what has so many of them
 * @property {string} at where more is refused
 * @property {string} [advice] what to do about it
 */

const mb = 1_000_000;

/** @satisfies {Record<string, Limit>} */
export const declared = {
  projectsOwned: {
    value: 500,
    unit: "projects",
    of: "one owner",
    at: "making, importing, handing over a project",
    advice: "Delete one that is not needed, or hand it over.",
  },
  credentialsOwned: {
    value: 1_000,
    unit: "credentials",
    of: "one owner",
    at: "making a credential",
    advice: "Delete those that nothing uses.",
  },
  apiTokens: {
    value: 200,
    unit: "API tokens that are neither revoked nor expired",
    of: "one person",
    at: "making a token",
    advice: "Revoke those that nothing uses.",
  },
  personName: { value: 100, unit: "characters of name", of: "one person", at: "account" },
  password: { value: 200, unit: "characters of password", of: "one person", at: "account" },

  projectName: { value: 100, unit: "characters of name", of: "one project", at: "project, import" },
  description: { value: 2_000, unit: "characters of description", of: "one project", at: "project, import" },
  workflows: {
    value: 500,
    unit: "workflows",
    of: "one project",
    at: "saving a workflow, import",
    advice: "Delete those that are not needed, or use another project.",
  },
  projectJobs: {
    value: 2_000,
    unit: "jobs",
    of: "one project",
    at: "saving a workflow, import",
    advice: "Delete those that are not needed, or use another project.",
  },
  projectTriggers: {
    value: 2_000,
    unit: "triggers",
    of: "one project",
    at: "saving a workflow, import",
    advice: "Delete those that are not needed, or use another project.",
  },
  projectCrons: {
    value: 200,
    unit: "cron triggers",
    of: "one project",
    at: "saving a workflow, import",
    advice: "Let one trigger start several jobs.",
  },
  projectFilters: {
    value: 1_000,
    unit: "message filters",
    of: "one project",
    at: "saving a workflow, import",
    advice: "Let one filter start several jobs, with a condition on each edge.",
  },
  projectFilterBytes: {
    value: 10 * mb,
    unit: "bytes of message filters",
    of: "one project",
    at: "saving a workflow, import",
    advice: "Name fewer fields: a filter needs those only that tell messages apart.",
  },
  projectFilterItems: {
    value: 50,
    unit: "list items in message filters",
    of: "one project",
    at: "saving a workflow, import",
    advice: "Match by fields outside lists, or look into the list in the job.",
  },
  projectCode: {
    value: 50 * mb,
    unit: "bytes of code",
    of: "one project",
    at: "saving a workflow, import",
    advice: "Move what jobs share into an adaptor, or use another project.",
  },
  members: {
    value: 500,
    unit: "collaborators",
    of: "one project",
    at: "accepting an invitation",
    advice: "Remove somebody who does not work on it any more.",
  },
  invitations: {
    value: 200,
    unit: "open invitations",
    of: "one project",
    at: "inviting",
    advice: "Withdraw some, or wait until they are answered.",
  },
  authMethods: {
    value: 200,
    unit: "authentication methods",
    of: "one project",
    at: "making one",
    advice: "Delete those that protect nothing.",
  },
  sharedCredentials: {
    value: 500,
    unit: "shared credentials",
    of: "one project",
    at: "sharing, import",
    advice: "Stop sharing those that no job uses.",
  },
  bulkActs: {
    value: 10,
    unit: "bulk acts that have not ended",
    of: "one project",
    at: "starting one",
    advice: "Wait for one to end, or abort it.",
  },
  bulkIds: {
    value: 1_000,
    unit: "chosen items",
    of: "one bulk act",
    at: "starting one",
    advice: "Let a filter choose them.",
  },
  projectHosts: {
    value: 200,
    unit: "hosts",
    of: "one project's or credential's list",
    at: "project, credential",
  },

  savedInputs: {
    value: 1_000,
    unit: "saved inputs",
    of: "one project",
    at: "naming an input, manual run",
    advice: "Take the name from those that nobody uses.",
  },
  inputName: {
    value: 200,
    unit: "characters of name",
    of: "one saved input",
    at: "naming an input, manual run",
  },

  libraryJobs: {
    value: 500,
    unit: "library entries",
    of: "one project",
    at: "making one, import",
    advice: "Delete those that no job is of.",
  },
  libraryVersions: {
    value: 1_000,
    unit: "versions",
    of: "one library entry",
    at: "adding one",
    advice: "Make a new entry, and attach its jobs to that.",
  },
  libraryCode: {
    value: 50 * mb,
    unit: "bytes of code, all versions together",
    of: "one project's library",
    at: "making an entry, adding a version, import",
    advice: "Delete entries that no job is of.",
  },

  workflowJobs: {
    value: 500,
    unit: "jobs",
    of: "one workflow",
    at: "saving a workflow, import",
    advice: "Split it into several workflows.",
  },
  workflowTriggers: {
    value: 100,
    unit: "triggers",
    of: "one workflow",
    at: "saving a workflow, import",
    advice: "Split it into several workflows.",
  },
  workflowEdges: {
    value: 2_000,
    unit: "edges",
    of: "one workflow",
    at: "saving a workflow, import",
    advice: "Split it into several workflows.",
  },
  workflowCode: {
    value: 10 * mb,
    unit: "bytes of code",
    of: "one workflow",
    at: "saving a workflow, import",
    advice: "Split it into several workflows.",
  },
  itemName: {
    value: 200,
    unit: "characters of name",
    of: "one workflow or job",
    at: "saving a workflow, import",
  },
  jobCode: {
    value: 5 * mb,
    unit: "bytes of code",
    of: "one job",
    at: "saving a workflow, import, dry run",
    advice: "Split it into several jobs.",
  },
  codeTokens: {
    value: 2_000_000,
    unit: "words and signs of code",
    of: "one job",
    at: "saving a workflow, import, dry run",
    advice: "Split it into several jobs, or keep data as one text and parse it.",
  },
  condition: {
    value: 10_000,
    unit: "characters of condition",
    of: "one edge",
    at: "saving a workflow, import",
    advice: "Decide in the job, and test what it returns.",
  },
  filterBytes: {
    value: 65_536,
    unit: "bytes of message filter",
    of: "one trigger",
    at: "saving a workflow, import",
    advice: "Name fewer fields: a filter needs those only that tell messages apart.",
  },
  filterLevels: {
    value: 50,
    unit: "levels of message filter",
    of: "one trigger",
    at: "saving a workflow, import",
    advice: "Match by a field nearer to the top.",
  },
  authMethodTriggers: {
    value: 500,
    unit: "triggers",
    of: "one authentication method",
    at: "linking",
    advice: "Make a second method.",
  },
  credentialName: { value: 100, unit: "characters of name", of: "one credential", at: "credential" },
  credentialBody: {
    value: 100_000,
    unit: "characters of JSON",
    of: "one credential",
    at: "credential",
    advice: "Keep only what a job needs to sign in.",
  },

  yamlBytes: {
    value: 12 * mb,
    unit: "bytes",
    of: "one project.yaml",
    at: "import",
    advice: "Put the code of jobs into files beside it, or split the project.",
  },
  yamlEntries: {
    value: 20_000,
    unit: "keys and list items",
    of: "one project.yaml",
    at: "import, before it is parsed",
    advice: "Split the project.",
  },
  yamlLevels: {
    value: 60,
    unit: "levels",
    of: "one project.yaml",
    at: "import, before it is parsed",
    advice: "Write it flatter.",
  },
  yamlTokens: {
    value: 400_000,
    unit: "words, signs, comments and line ends outside the code",
    of: "one project.yaml",
    at: "import, before it is parsed",
    advice: "Split the project.",
  },
  yamlAliases: {
    value: 100,
    unit: "aliases, anchors and tags",
    of: "one project.yaml",
    at: "import, before it is parsed",
    advice: "Write the repeated parts out.",
  },
  importFiles: { value: 500, unit: "files", of: "one import", at: "import", advice: "Split the project." },
  importBytes: {
    value: 20 * mb,
    unit: "bytes, files included",
    of: "one import",
    at: "import",
    advice: "Split the project.",
  },

  requestBytes: { value: 2 * mb, unit: "bytes", of: "one API request", at: "API" },
  largeRequestBytes: {
    value: 24 * mb,
    unit: "bytes",
    of: "one API request that brings code or a message",
    at: "API: workflows, import, dry run, resend",
    advice: "Send it in smaller parts.",
  },
  requestLevels: { value: 200, unit: "levels", of: "one API request", at: "API, before it is parsed" },
  requestValues: {
    value: 200_000,
    unit: "keys and list items",
    of: "one API request",
    at: "API, before it is parsed",
    advice: "Send it in smaller parts.",
  },
  page: { value: 200, unit: "items", of: "one page of a list", at: "API" },
  timelinePage: { value: 100, unit: "messages or runs", of: "one page of a list", at: "API" },
  logPage: { value: 10_000, unit: "lines", of: "one page of a log", at: "API" },
  searchText: { value: 200, unit: "characters", of: "one search", at: "API" },

  messageLevels: {
    value: 500,
    unit: "levels",
    of: "one message's JSON or XML",
    at: "inbox: what is deeper is kept as text",
  },
  messageContainers: {
    value: 500_000,
    unit: "objects and lists",
    of: "one message",
    at: "inbox: more are 413, as is what makes a longer state than a step may have",
    advice: "Send it in several messages.",
  },
  messageKeys: {
    value: 50_000,
    unit: "different keys",
    of: "one message",
    at: "inbox: more are 413, as is what makes a longer state than a step may have",
    advice: "Send it in several messages, or as a list of records.",
  },
  messageFields: { value: 100_000, unit: "fields", of: "one form", at: "inbox: more are kept as text" },
  messageFieldLevels: {
    value: 32,
    unit: "levels of brackets",
    of: "one field's name",
    at: "inbox: a deeper one keeps its name as it was sent",
  },
  messageParts: {
    value: 1_000,
    unit: "fields and files",
    of: "one multipart form",
    at: "inbox: more are kept as they came",
  },
  messageElements: {
    value: 200_000,
    unit: "tags",
    of: "one XML document",
    at: "inbox: more are kept as text",
  },
  messageCodings: { value: 3, unit: "content codings", of: "one message", at: "inbox: more are 415" },
  inflatedBytes: {
    value: 12 * mb,
    unit: "bytes when inflated (10 MB on the edge)",
    of: "one message",
    at: "inbox: more are 413",
  },
  inflatedMembers: {
    value: 10_000,
    unit: "gzip members",
    of: "one message",
    at: "inbox: more are 415",
  },

  projectWaitingSenders: {
    value: 5_000,
    unit: "senders that wait for the end of a run, at one door",
    of: "one project",
    at: "inbox: more are answered 504 at once, their runs go on",
  },
  waitingSenders: {
    value: 10_000,
    unit: "senders that wait for the end of a run",
    of: "one door",
    at: "inbox: more are answered 504 at once, their runs go on",
  },

  stateBytes: { value: 24 * 1024 * 1024, unit: "bytes of state, in or out", of: "one step", at: "runner" },
  keptStateBytes: {
    value: 10 * 1024 * 1024,
    unit: "bytes of result that are stored",
    of: "one step",
    at: "storing: more is handed on to the next job, and not kept",
  },
  logLines: { value: 50_000, unit: "lines of log", of: "one step", at: "runner: the rest is left out" },
  logBytes: {
    value: 8 * 1024 * 1024,
    unit: "bytes of log",
    of: "one step",
    at: "runner: the rest is left out",
  },
  connections: { value: 32, unit: "connections at once", of: "one step", at: "runner" },
  networkBytes: { value: 200 * 1024 * 1024, unit: "bytes sent and received", of: "one step", at: "runner" },
  dryRunLogLines: {
    value: 2_000,
    unit: "lines of log",
    of: "one dry run",
    at: "runner: the rest is left out",
  },
};
