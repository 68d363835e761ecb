import type { ProjectSpec, TriggerSpec, WorkflowSpec } from "@/lib/portability/spec";

/** What a server makes of what a file does not say. */
const usualTrigger = { enabled: true, takesGet: false, openRosa: false } as const;

/**
 * A server's spec without what a person's file leaves unsaid and the server has filled in with what is usual: otherwise every
 * pull would add it to a file that means the same.
 */
export function asSaid(local: ProjectSpec, remote: ProjectSpec): ProjectSpec {
  return {
    ...remote,
    workflows: mapped(
      remote.workflows,
      local.workflows,
      (workflow, mine): WorkflowSpec => ({
        ...workflow,
        jobLogs: mine.jobLogs === null && workflow.jobLogs === true ? null : workflow.jobLogs,
        triggers: mapped(workflow.triggers, mine.triggers, trigger),
      }),
    ),
  };
}

function trigger(remote: TriggerSpec, mine: TriggerSpec): TriggerSpec {
  const unsaid = <K extends keyof typeof usualTrigger>(key: K) =>
    mine[key] === null && remote[key] === usualTrigger[key] ? null : remote[key];
  return {
    ...remote,
    enabled: unsaid("enabled"),
    takesGet: unsaid("takesGet"),
    openRosa: unsaid("openRosa"),
  };
}

const mapped = <T>(
  items: Record<string, T>,
  others: Record<string, T>,
  toValue: (item: T, other: T) => T,
): Record<string, T> =>
  Object.fromEntries(
    Object.entries(items).map(([key, item]) => {
      const other = Object.hasOwn(others, key) ? others[key] : undefined;
      return [key, other === undefined ? item : toValue(item, other)];
    }),
  );
