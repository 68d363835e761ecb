import { grammar, type Level } from "@/lib/portability/grammar";

/** Book-keeping of the server that the files came from. */
const dates = { inserted_at: "", updated_at: "" };
const ownWords = (level: Level, except: readonly string[]) =>
  level.obeyed.filter((word) => !except.includes(word));

/** The words of the portability format v2, level by level (reference: toolchain §4.6); besides them it may have ours. */
export const v2Words = {
  project: {
    thing: "the project",
    obeyed: ["id", "name", "description", "env", "collections", "credentials", "workflows", "openfn"],
    unobeyed: {
      ...dates,
      schema_version: "",
      version: "",
      cli: "",
      config: "",
      alias: "",
      uuid: "",
      endpoint: "",
      forked_from: "",
      fetched_at: "",
      channels: grammar.project.unobeyed.channels,
      options: "It was left as it is for a new project. Choose it in Settings.",
      sandbox: "Projects have no parent.",
      color: grammar.project.unobeyed.color,
    },
    refused: {},
    meant: { jobs: "workflows" },
  },
  workflow: {
    thing: "a workflow",
    obeyed: [
      "id",
      "name",
      "steps",
      "jobs",
      "openfn",
      ...ownWords(grammar.workflow, ["name", "jobs", "triggers", "edges"]),
    ],
    unobeyed: {
      ...dates,
      start: "",
      schema_version: "",
      history: "",
      options: "Runs begin at a trigger, and the limits of a job are the product's.",
      credentials: "Credentials are chosen for each job.",
      globals: grammar.job.unobeyed.globals,
      description: "Workflows have no description.",
    },
    refused: grammar.workflow.refused,
    meant: { nodes: "steps", triggers: "steps" },
  },
  trigger: {
    thing: "a trigger",
    obeyed: ["id", "next", "openfn", "cron_cursor_job_id", ...grammar.trigger.obeyed],
    unobeyed: {
      ...dates,
      name: "Triggers have no name.",
      webhook_auth_methods: grammar.trigger.unobeyed.webhook_auth_methods,
    },
    refused: grammar.trigger.refused,
    meant: { ...grammar.trigger.meant, edges: "next" },
  },
  job: {
    thing: "a job",
    obeyed: [
      ...["id", "name", "adaptor", "adaptors", "expression", "configuration", "next", "openfn"],
      ...["keychain_credential", "retry", "library_entry", "library_version"],
    ],
    unobeyed: {
      ...dates,
      state: "Runs begin with the message that started them: send one, or save it as an input.",
      linker: "Adaptors are chosen by their versions alone.",
      globals: grammar.job.unobeyed.globals,
      previous: "",
    },
    refused: grammar.job.refused,
    meant: { body: "expression", credential: "configuration", code: "expression", script: "expression" },
  },
  edge: {
    thing: "what comes next",
    obeyed: ["condition", "label", "disabled", "openfn"],
    unobeyed: {},
    refused: {},
    meant: { condition_type: "condition", condition_expression: "condition", condition_label: "label" },
  },
  ofWorkflow: {
    thing: "a workflow's `openfn`",
    obeyed: ["uuid", "concurrency", "deleted_at", "enable_job_logs"],
    unobeyed: { ...dates, lock_version: "", positions: grammar.workflow.unobeyed.positions, project_id: "" },
    refused: {},
    meant: {},
  },
  ofTrigger: {
    thing: "a trigger's `openfn`",
    obeyed: ["uuid", "webhook_reply", "webhook_response_config", "custom_path", "cron_cursor_job_id"],
    unobeyed: {
      ...dates,
      kafka_configuration: grammar.trigger.unobeyed.kafka_configuration,
      workflow_id: "",
    },
    refused: {},
    meant: {},
  },
  ofJob: {
    thing: "a job's `openfn`",
    obeyed: ["uuid", "keychain_credential_id", "project_credential_id"],
    unobeyed: { ...dates, workflow_id: "" },
    refused: {},
    meant: {},
  },
  ofEdge: {
    thing: "an edge's `openfn`",
    obeyed: ["uuid"],
    unobeyed: { ...dates, workflow_id: "" },
    refused: {},
    meant: {},
  },
} as const satisfies Record<string, Level>;

/** The words of a state file and of what OpenFn's API answers (reference: platform §2.2), where records have ids. */
export const stateWords = {
  project: {
    thing: "the project",
    obeyed: ["id", "name", "description", "env", "project_credentials", "collections", "workflows"],
    unobeyed: {
      ...grammar.project.unobeyed,
      ...dates,
      version_history: "",
      lock_version: "",
      snapshots: "",
      keychain_credentials: "Keychains were left out. Make them in Settings.",
      deleted_at: "",
    },
    refused: {},
    meant: {},
  },
  credential: {
    thing: "a credential",
    obeyed: ["id", "name", "owner"],
    unobeyed: dates,
    refused: {},
    meant: {},
  },
  workflow: {
    thing: "a workflow",
    obeyed: ["id", "delete", "deleted_at", ...grammar.workflow.obeyed],
    unobeyed: {
      ...grammar.workflow.unobeyed,
      ...dates,
      lock_version: "",
      version_history: "",
      project_id: "",
    },
    refused: {},
    meant: {},
  },
  job: {
    thing: "a job",
    obeyed: [
      "id",
      "delete",
      "project_credential_id",
      ...ownWords(grammar.job, ["credential", "path", "keychain_credential"]),
    ],
    unobeyed: {
      ...dates,
      workflow_id: "",
      keychain_credential_id: "The job was imported without it. Choose a keychain for it.",
      library_entry_id: "",
    },
    refused: {},
    meant: {},
  },
  trigger: {
    thing: "a trigger",
    obeyed: ["id", "delete", "cron_cursor_job_id", ...ownWords(grammar.trigger, ["cron_cursor_job"])],
    unobeyed: {
      ...grammar.trigger.unobeyed,
      ...dates,
      workflow_id: "",
      comment: "",
      source_job_id: "",
    },
    refused: {},
    meant: {},
  },
  edge: {
    thing: "an edge",
    obeyed: [
      ...[
        "id",
        "delete",
        "source_trigger_id",
        "source_job_id",
        "target_job_id",
        "condition_type",
        "condition",
      ],
      ...["condition_label", "condition_expression", "enabled"],
    ],
    unobeyed: { ...dates, workflow_id: "" },
    refused: {},
    meant: {},
  },
} as const satisfies Record<string, Level>;

/** The words of platform v1's project.yaml: jobs that name a trigger, triggers that match messages, times or jobs. */
export const platformWords = {
  project: {
    thing: "the project",
    obeyed: ["name", "description", "jobs", "triggers", "credentials"],
    unobeyed: { id: "", version: "", globals: grammar.job.unobeyed.globals },
    refused: {},
    meant: { job: "jobs", trigger: "triggers", workflows: "jobs" },
  },
  job: {
    thing: "a job",
    obeyed: ["name", "expression", "adaptor", "language", "language_pack", "trigger", "credential"],
    unobeyed: { id: "", globals: grammar.job.unobeyed.globals, state: v2Words.job.unobeyed.state },
    refused: {},
    meant: { body: "expression", code: "expression" },
  },
  trigger: {
    thing: "a trigger",
    obeyed: ["name", "type", "criteria", "exclusion", "cron", "success", "failure"],
    unobeyed: { id: "" },
    refused: {},
    meant: {
      inclusion: "criteria",
      cron_expression: "cron",
      schedule: "cron",
      catch: "failure",
      flow: "success",
    },
  },
} as const satisfies Record<string, Level>;
