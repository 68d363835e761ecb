"use client";
import { useRouter } from "next/navigation";
import { api, withQuery } from "@/components/api";
import type { Choice } from "@/components/data-table/choice-list";
import { SearchChoice } from "@/components/data-table/search-choice";

type Props = {
  projectId: string;
  state: string | null;
  workflow: Choice | undefined;
  workflowId: string | null;
};

/** Issues of one workflow alone. */
export function WorkflowChoice({ projectId, state, workflow, workflowId }: Props) {
  const router = useRouter();
  return (
    <SearchChoice
      label="Workflow"
      all="Any workflow"
      value={workflowId}
      chosen={workflow}
      searchKey={["workflows", projectId]}
      search={async (text, signal) => {
        const page = await api("GET /api/projects/[project]/workflows", {
          params: { project: projectId },
          query: { text: text || null, limit: 50 },
          signal,
        });
        const choices = page.items.map(({ id, name }) => ({ value: id, label: name }));
        return { choices, isMore: page.nextCursor !== null };
      }}
      onChange={(id) =>
        router.push(
          withQuery(`/p/${projectId}/issues`, {
            ...(state ? { state } : {}),
            ...(id ? { workflow: id } : {}),
          }),
        )
      }
    />
  );
}
