"use client";
import { useQueryClient } from "@tanstack/react-query";
import { Download, X } from "lucide-react";
import { api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { useApi } from "@/components/use-api";
import type { PersonDetail } from "@/lib/domain/person/schemas";
import { WipeDialog } from "./wipe-dialog";

type Props = {
  projectId: string;
  request: PersonDetail;
  left: ReadonlySet<number>;
  /** What the project's plan and its deletion let people do. */
  mayChange: boolean;
};

/** Export, wipe and end, each where it can be done. */
export function SearchActions({ projectId, request, left, mayChange }: Props) {
  const queries = useQueryClient();
  const end = useApi({
    send: () =>
      api("POST /api/projects/[project]/persons/[person]/end", {
        params: { project: projectId, person: request.id },
      }),
    done: () => void queries.invalidateQueries({ queryKey: ["person", projectId, request.id] }),
  });
  const { state } = request;
  return (
    <>
      {state === "found" && request.found > 0 ? (
        <Button asChild variant="outline">
          <a href={`/api/projects/${projectId}/persons/${request.id}/export`} download>
            <Download aria-hidden /> Export
          </a>
        </Button>
      ) : null}
      {mayChange && (state === "scanning" || state === "found" || state === "failed") ? (
        <Confirm
          trigger={
            <Button variant="outline" disabled={end.isPending}>
              <X aria-hidden /> End
            </Button>
          }
          title="End this search?"
          description="What the person is known by, and the list of what was found, are thrown away. Nothing is wiped."
          action="End it"
          cancel="Keep it"
          onConfirm={() => end.mutate(undefined)}
        />
      ) : null}
      {mayChange && state === "found" ? <WipeDialog {...{ projectId, request, left }} /> : null}
    </>
  );
}
