"use client";
import { EditorField } from "@/components/editor/editor-field";
import { useDraft } from "@/components/editor/store";
import { useTriggerUse } from "@/components/editor/trigger/use-trigger-use";
import { Input } from "@/components/ui/input";
import type { DraftTrigger } from "@/lib/editor/graph";
import { customPathProblem, maxCustomPath } from "@/lib/workflow/custom-path";

type Props = { trigger: DraftTrigger; onChange: (path: string | null) => void };

/** A name that the URL ends in, which nothing else of the project has. */
export function CustomPathField({ trigger, onChange }: Props) {
  const { customPath } = trigger;
  const { triggers } = useDraft();
  const use = useTriggerUse();
  const taken = use.data?.customPaths.find(
    (one) => one.customPath === customPath && !triggers.some(({ id }) => id === one.triggerId),
  );
  const problem =
    customPath === null
      ? null
      : (customPathProblem(customPath) ??
        (taken ? `A trigger of "${taken.workflowName}" has this path. Choose another one.` : null));
  return (
    <EditorField
      itemId={trigger.id}
      field="customPath"
      label="Custom path"
      hint="Instead of the id, the URL may end in a name that is known before anything is saved. The URL by its id goes on working."
      error={problem}
    >
      <Input
        value={customPath ?? ""}
        onChange={({ target }) => onChange(target.value.trim() === "" ? null : target.value.trim())}
        maxLength={maxCustomPath}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        placeholder="patient-visits"
        className="font-mono"
      />
    </EditorField>
  );
}
