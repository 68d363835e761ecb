import fc from "fast-check";
import type {
  EdgeDocument,
  JobDocument,
  KeychainDocument,
  ProjectDocument,
  ProjectPayload,
  TriggerDocument,
  WorkflowDocument,
} from "@/lib/portability/document";
import { hyphenated } from "@/lib/portability/keys";
import { isStorable } from "@/lib/text";

/** Texts that YAML, JSON, or a reader of either may take for something else. */
export const nasty = [
  "plain",
  "two words",
  "yes",
  "no",
  "y",
  "on",
  "true",
  "null",
  "~",
  "1e3",
  "1.0",
  "0o17",
  "0x1f",
  ".inf",
  "12",
  "2026-11-22",
  "12:30:45",
  "a: b",
  "a:",
  "- a",
  "? a",
  "# a",
  "a #b",
  "it's",
  '"quoted"',
  "{a: b}",
  "[a",
  "*alias",
  "&anchor",
  "!tag",
  "%directive",
  "@at",
  "`tick`",
  "---",
  "...",
  "<<",
  "=",
  "|",
  ">",
  " padded ",
  "tab\tinside",
  "\tled by a tab",
  "trailing \nspace",
  "line\nline",
  "trailing newline\n",
  "line\n\n\n",
  "\n leading",
  "\n\n",
  "  indented\nless",
  "windows\r\nline\r\n",
  "old\rmac",
  "é € 🙂 漢字",
  "العربية \u200fRTL\u200e",
  "next\u0085line\u2028separator\u2029",
  "\ufeffmark",
  "\u0007bell",
  "\u001b[31m",
  "a\u00a0b",
  "__proto__",
  "constructor",
  "hasOwnProperty",
  "@openfn/language-http@latest",
  "// code\nfn(state => ({ ...state, data: 'x: y' }));\n",
];

export const text = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...nasty) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 12 }).filter(isStorable) },
  { weight: 1, arbitrary: fc.string({ maxLength: 12 }) },
);

/** Names that have keys of their own. */
const names = (min: number, max: number) =>
  fc.uniqueArray(
    text.filter((name) => name !== ""),
    { minLength: min, maxLength: max, selector: hyphenated },
  );

const id = fc.uuid();
/** A value, or nothing under the key. */
const maybe = <K extends string, T>(key: K, value: fc.Arbitrary<T>): fc.Arbitrary<{ [P in K]?: T }> =>
  fc.oneof(
    fc.constant({}),
    value.map((one) => ({ [key]: one }) as { [P in K]?: T }),
  );

const all = (...parts: fc.Arbitrary<object>[]) =>
  fc.tuple(...parts).map((some) => Object.assign({}, ...some));

type Options = { extensions: boolean; sameTriggers: boolean };

function triggers(jobs: JobDocument[], { extensions, sameTriggers }: Options) {
  const anyJob = jobs.map((job) => job.id);
  const webhook = [
    maybe("webhook_reply", fc.constantFrom("before_start", "custom")),
    fc.oneof(
      fc.constant({}),
      fc.constant({ webhook_reply: "after_completion", webhook_response_config: { success_code: 201 } }),
    ),
    ...(extensions
      ? [
          maybe("custom_path", fc.constantFrom("visits", "007", "true")),
          maybe("takes_get", fc.boolean()),
          maybe("open_rosa", fc.boolean()),
          maybe("rate_per_minute", fc.integer({ min: 1, max: 1000 })),
          maybe("delivery_id", fc.constantFrom({ header: "x-event" }, { path: "data.id", hours: 48 })),
        ]
      : []),
  ];
  const cron = [
    fc.record({ cron_expression: fc.constantFrom("0 2 * * *", "*/5 * * * *") }),
    ...(anyJob.length > 0 ? [maybe("cron_cursor_job_id", fc.constantFrom(...anyJob))] : []),
    ...(extensions
      ? [
          maybe("time_zone", fc.constantFrom("Europe/Paris", "UTC")),
          maybe("when_running", fc.constantFrom("queue", "skip")),
        ]
      : []),
  ];
  const filter = fc.constantFrom({}, { a: [1, null, "x: y"] }, { n: "1e3", "a b": { c: "x\r\ny" } }, []);
  const message = [maybe("inclusion", filter), maybe("exclusion", filter)];
  const base = (type: string) => fc.record({ id, type: fc.constant(type), enabled: fc.boolean() });
  const one = fc.oneof(
    all(base("webhook"), ...webhook),
    all(base("cron"), ...cron),
    all(base("message_filter"), ...(extensions ? message : [])),
  ) as fc.Arbitrary<TriggerDocument>;
  return sameTriggers
    ? fc.array(one, { maxLength: 3 })
    : fc.uniqueArray(one, { maxLength: 3, selector: ({ type }) => type });
}

function edges(jobs: JobDocument[], from: TriggerDocument[], { sameTriggers }: Options) {
  if (jobs.length === 0) return fc.constant<EdgeDocument[]>([]);
  const anyJob = fc.constantFrom(...jobs.map((job) => job.id));
  const source = fc.oneof(
    anyJob.map((source_job_id) => ({ source_job_id })),
    ...(from.length > 0
      ? [fc.constantFrom(...from.map((one) => one.id)).map((source_trigger_id) => ({ source_trigger_id }))]
      : []),
  );
  const condition = fc.oneof(
    fc.record({ condition_type: fc.constantFrom("always", "on_job_success", "on_job_failure") }),
    fc.record({ condition_type: fc.constant("js_expression"), condition_expression: text }),
  );
  const one = all(
    fc.record({ id, target_job_id: anyJob, enabled: fc.boolean() }),
    source,
    condition,
    maybe("condition_label", text),
  ) as fc.Arbitrary<EdgeDocument>;
  const ends = ({ source_job_id, source_trigger_id, target_job_id }: EdgeDocument) =>
    `${source_trigger_id ?? source_job_id} ${target_job_id}`;
  return sameTriggers
    ? fc.array(one, { maxLength: 5 })
    : fc.uniqueArray(one, { maxLength: 5, selector: ends });
}

function workflow(
  name: string,
  credentials: { id: string }[],
  keychains: { id: string }[],
  options: Options,
) {
  const jobs = names(0, 4).chain((jobNames) =>
    fc.tuple(...jobNames.map((jobName) => job(jobName, credentials, keychains, options))),
  );
  return jobs.chain((jobs) =>
    triggers(jobs, options).chain((triggers) =>
      edges(jobs, triggers, options).chain((edges) =>
        all(
          fc.record({ id, name: fc.constant(name), lock_version: fc.integer({ min: 1, max: 99 }) }),
          fc.constant({ version_history: ["cli:0123456789ab"], deleted_at: null }),
          fc.record({ concurrency: fc.constantFrom(null, 1, 5) }),
          ...(options.extensions
            ? [maybe("order_key", fc.constant("data.patient")), maybe("enable_job_logs", fc.boolean())]
            : []),
          fc.constant({ jobs, triggers, edges }),
        ),
      ),
    ),
  ) as fc.Arbitrary<WorkflowDocument>;
}

/** One without a library: two jobs of one version must have one code. */
function job(name: string, credentials: { id: string }[], keychains: { id: string }[], options: Options) {
  const credential = fc.constantFrom(null, ...credentials.map((one) => one.id));
  const chosen: fc.Arbitrary<object>[] =
    options.extensions && keychains.length > 0
      ? [
          fc.oneof(
            credential.map((project_credential_id) => ({ project_credential_id })),
            fc.constantFrom(...keychains.map((one) => one.id)).map((keychain_credential_id) => ({
              project_credential_id: null,
              keychain_credential_id,
            })),
          ),
        ]
      : [credential.map((project_credential_id) => ({ project_credential_id }))];
  const retry = fc.constantFrom(
    { attempts: 3, delay_seconds: 5, max_delay_seconds: 60 },
    { attempts: 2, delay_seconds: 1, max_delay_seconds: 60, error_types: ["TimeoutError", "a: b"] },
  );
  return all(
    fc.record({ id, name: fc.constant(name), adaptor: text, body: text }),
    ...chosen,
    ...(options.extensions ? [maybe("retry", retry)] : []),
  ) as fc.Arbitrary<JobDocument>;
}

/**
 * Projects as a server answers them. Without `extensions` as OpenFn's; `sameTriggers`: several triggers of one type and
 * edges between the same two, which OpenFn's CLI cannot tell apart.
 */
export function projects(options: Options): fc.Arbitrary<ProjectDocument> {
  const credentials = fc.uniqueArray(fc.record({ id, name: text, owner: text }), {
    maxLength: 3,
    selector: ({ owner, name }) => hyphenated(`${owner} ${name}`),
  });
  return credentials.chain((project_credentials) =>
    keychainsOf(project_credentials, options).chain((keychain_credentials) =>
      names(0, 3).chain((workflowNames) =>
        all(
          fc.record({
            id,
            name: text.filter((name) => name !== ""),
            description: fc.constantFrom(null, "x", "a\nb\n"),
          }),
          fc.constant({ inserted_at: "2026-01-01T00:00:00Z", requires_mfa: false, project_credentials }),
          fc.oneof(
            fc.constant({}),
            names(1, 2).map((some) => ({
              collections: some.map((name, n) => ({ id: `00000000-0000-4000-8000-00000000000${n}`, name })),
            })),
          ),
          ...(options.extensions
            ? [
                maybe("env", fc.constantFrom("staging", "1", "0x1f")),
                fc.constant(keychain_credentials.length > 0 ? { keychain_credentials } : {}),
              ]
            : []),
          fc
            .tuple(
              ...workflowNames.map((name) =>
                workflow(name, project_credentials, keychain_credentials, options),
              ),
            )
            .map((workflows) => ({ workflows })),
        ),
      ),
    ),
  ) as fc.Arbitrary<ProjectDocument>;
}

function keychainsOf(
  credentials: { id: string }[],
  { extensions }: Options,
): fc.Arbitrary<KeychainDocument[]> {
  if (!extensions) return fc.constant([]);
  const isName = (name: string) => name.trim() === name && name !== "";
  return fc.uniqueArray(
    fc.record({
      id,
      name: text.filter(isName),
      path: fc.constantFrom("$.data.facility", "$['a b'][0]"),
      default_credential_id: fc.constantFrom(null, ...credentials.map((one) => one.id)),
    }),
    { maxLength: 2, selector: ({ name }) => hyphenated(name) },
  );
}

/** Ids that count. */
export function counter(): () => string {
  let n = 0;
  return () => `new-${++n}`;
}

/** What a server answers to a payload that it takes as it is. */
export const answered = (payload: ProjectPayload): ProjectDocument => {
  const living = <T extends { id: string }>(items: T[] = []) => items.filter((one) => !("delete" in one));
  return {
    ...payload,
    workflows: living(payload.workflows).map((one) => ({
      ...one,
      ...("jobs" in one && {
        jobs: living(one.jobs),
        triggers: living(one.triggers),
        edges: living(one.edges),
      }),
    })),
  } as ProjectDocument;
};
