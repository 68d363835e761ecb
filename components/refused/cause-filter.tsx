"use client";
import { useRouter } from "next/navigation";
import { withQuery } from "@/components/api";
import { ChoiceFilter } from "@/components/data-table/choice-filter";
import type { RefusalCause } from "@/lib/words";
import { causeLabels } from "./cause-words";

const choices = Object.entries(causeLabels).map(([value, label]) => ({ value, label }));

/** Shows the refused requests of one cause. */
export function CauseFilter({ cause, path }: { cause: RefusalCause | null; path: string }) {
  const router = useRouter();
  return (
    <ChoiceFilter
      label="Cause"
      all="Any cause"
      value={cause}
      choices={choices}
      onChange={(chosen) => router.push(withQuery(path, { cause: chosen }))}
    />
  );
}
