"use client";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api } from "@/components/api";
import { adaptorName } from "@/lib/workflow/adaptor-name";
import { type Vocabulary, vocabularyOf } from "./vocabulary";

const commonName = "@openfn/language-common";
const exact = /^\d+\.\d+\.\d+/;

/** One version of an adaptor with its operations. `version` null: the newest that is used, else the newest that is there. */
function useAdaptor(projectId: string, name: string, version: string | null) {
  return useQuery({
    queryKey: ["adaptor", projectId, name, version],
    queryFn: ({ signal }) =>
      api("GET /api/projects/[project]/adaptors/detail", {
        params: { project: projectId },
        query: { name, version },
        signal,
      }),
    staleTime: 300_000,
    retry: false,
  });
}

/** What code of a job with this adaptor can call; little while nothing is known of the adaptor. */
export function useVocabulary(projectId: string, adaptor: string, pinned: string | null): Vocabulary {
  const name = adaptorName(adaptor);
  const spec = adaptor.slice(name.length + 1).replace(/^v(?=\d)/, "");
  const { data } = useAdaptor(projectId, name, pinned ?? (exact.test(spec) ? spec : null));
  const { data: common } = useAdaptor(projectId, commonName, null);
  return useMemo(() => vocabularyOf(data ?? null, common ?? null), [data, common]);
}
