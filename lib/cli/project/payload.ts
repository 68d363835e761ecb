import { randomUUID } from "node:crypto";
import { CliFailure } from "@/lib/cli/failure";
import type { StateDocument } from "@/lib/portability/document";
import { plainSpec } from "@/lib/portability/plain-spec";
import type { ProjectSpec } from "@/lib/portability/spec";
import { type Merged, mergeSpec } from "@/lib/portability/to-document";
import { Refusal } from "@/lib/refusal";

type Options = { isWaybill: boolean; removesWorkflows: boolean; isForced: boolean };

/**
 * What a deploy of a spec sends, as project `id`, and the state that its answer is read into. Credentials and collections that
 * the spec does not name are kept; workflows are, too, unless they are to go. Throws `CliFailure`.
 */
export function mergedWith(
  spec: ProjectSpec,
  state: StateDocument | null,
  id: string,
  { isWaybill, removesWorkflows, isForced }: Options,
): Merged {
  const begin: StateDocument = state
    ? { ...state, id }
    : { id, name: spec.name, project_credentials: {}, workflows: {} };
  try {
    const merged = mergeSpec(plainSpec(spec), begin, randomUUID, {
      extensions: isWaybill,
      missing: () => (removesWorkflows ? "delete" : "keep"),
    });
    return isForced ? withoutVersions(merged) : merged;
  } catch (error) {
    if (error instanceof Refusal)
      throw new CliFailure(error.message, {
        next: "Nothing was sent. Mend the spec, then try again.",
        cause: error,
      });
    throw error;
  }
}

/** Without the versions that it began with nothing is compared with what was done since. */
const withoutVersions = ({ payload, state }: Merged): Merged => ({
  state,
  payload: {
    ...payload,
    workflows: payload.workflows.map((workflow) =>
      "delete" in workflow ? workflow : { ...workflow, lock_version: null },
    ),
  },
});

/** Workflows that the state has and the spec has not. */
export const missingWorkflows = (
  spec: ProjectSpec,
  state: StateDocument | null,
): { key: string; name: string; id: string }[] =>
  Object.entries(state?.workflows ?? {})
    .filter(([key]) => !Object.hasOwn(spec.workflows, key))
    .map(([key, { name, id }]) => ({ key, name, id }));

const ours = {
  project: ["env", "keychain_credentials"],
  workflow: ["order_key", "enable_job_logs"],
  job: ["keychain_credential", "retry", "library_entry", "library_version"],
  trigger: [
    "time_zone",
    "when_running",
    "source_job",
    "takes_get",
    "open_rosa",
    "delivery_id",
    "rate_per_minute",
    "inclusion",
    "exclusion",
  ],
} as const;

/** What a spec says that only Waybill knows, by where it stands: another server is not told of it. */
export function oursIn(spec: ProjectSpec): string[] {
  const { workflows, ...project } = plainSpec(spec);
  const found = (at: string, holder: object, words: readonly string[]) =>
    words.filter((word) => hasValue(Reflect.get(holder, word))).map((word) => `${at}${word}`);
  return [
    ...found("", project, ours.project),
    ...Object.entries(workflows ?? {}).flatMap(([key, { jobs, triggers, ...workflow }]) => [
      ...found(`${key}/`, workflow, ours.workflow),
      ...Object.entries(jobs ?? {}).flatMap(([job, one]) => found(`${key}/${job}/`, one, ours.job)),
      ...Object.entries(triggers ?? {}).flatMap(([trigger, one]) =>
        found(`${key}/${trigger}/`, one, ours.trigger),
      ),
    ]),
  ];
}

const hasValue = (value: unknown): boolean =>
  value !== undefined && value !== null && !(typeof value === "object" && Object.keys(value).length === 0);
