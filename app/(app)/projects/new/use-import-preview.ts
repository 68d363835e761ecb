"use client";
import { useQuery } from "@tanstack/react-query";
import { api } from "@/components/api";
import { isEmptySource, type Source, sentOf, sourceId } from "@/components/spec/source-fields";
import { useSettled } from "@/components/spec/use-settled";
import { projectNameProblem } from "@/lib/domain/project/name";

/** What is typed is asked about when nothing has been typed for so long. */
const settlesAfterMs = 500;

/** What an import of a source would make: nothing while the source, or the name, is still being entered. */
export function useImportPreview(source: Source, choice: { name: string; choose: string | undefined }) {
  const settled = useSettled(source, settlesAfterMs);
  const wanted = useSettled(choice.name, settlesAfterMs);
  const name = wanted && !projectNameProblem(wanted) ? wanted : undefined;
  const { choose } = choice;
  const query = useQuery({
    queryKey: ["import-preview", sourceId(settled), choose, name],
    queryFn: ({ signal }) =>
      api("POST /api/projects/import/preview", {
        body: { ...sentOf(settled), ...(choose ? { choose } : {}), ...(name ? { name } : {}) },
        signal,
      }),
    enabled: !isEmptySource(settled) && settled === source,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    retry: false,
    // While another name is asked about, what is known of the files stays.
    placeholderData: (before, query) => (query?.queryKey[1] === sourceId(settled) ? before : undefined),
  });
  return settled === source ? query : { data: undefined, error: null, isFetching: false };
}
