"use client";
import { useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { FormError } from "@/components/account/form-error";
import { ApiError, api } from "@/components/api";
import { ChooseAgain } from "@/components/spec/choose-again";
import { FilesPreview, isNoChange } from "@/components/spec/files-preview";
import { ReadingFiles } from "@/components/spec/reading-files";
import {
  isEmptySource,
  noSource,
  type Source,
  SourceFields,
  sentOf,
  sourceId,
} from "@/components/spec/source-fields";
import { SourceProblem } from "@/components/spec/source-problem";
import { useSettled } from "@/components/spec/use-settled";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { formatCount } from "@/components/ui/format";
import { Form } from "@/components/unsaved/form";
import { useApi } from "@/components/use-api";

const settlesAfterMs = 500;

/** Files for a project that is there: what they change is shown, and applied as it was shown. */
export function ImportFiles({ projectId }: { projectId: string }) {
  const router = useRouter();
  const [source, setSource] = useState<Source>(noSource);
  const [choose, setChoose] = useState<string>();
  const [remove, setRemove] = useState<string[]>([]);
  const settled = useSettled(source, settlesAfterMs);
  const isSettled = settled === source && !isEmptySource(source);
  const params = { project: projectId };
  const body = { ...sentOf(settled), ...(choose ? { choose } : {}), remove };
  const preview = useQuery({
    queryKey: ["spec-preview", projectId, sourceId(settled), choose, remove],
    queryFn: ({ signal }) => api("POST /api/projects/[project]/spec/preview", { params, body, signal }),
    enabled: isSettled,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    refetchOnWindowFocus: false,
    retry: false,
  });
  const shown = isSettled ? preview.data : undefined;
  const apply = useApi({
    send: (token: string) => api("PUT /api/projects/[project]/spec", { params, body: { ...body, token } }),
    message: ({ workflows }) =>
      workflows.length === 0 ? "Applied." : `Applied: ${formatCount(workflows.length, "workflow")} changed.`,
    done: () => router.push(`/p/${projectId}/code`),
    hasForm: true,
  });
  const change = (changed: Source) => {
    setSource(changed);
    setChoose(undefined);
    setRemove([]);
    apply.reset();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (shown) apply.mutate(shown.token);
  };
  const isOutdated = apply.error instanceof ApiError && apply.error.code === "conflict";
  return (
    <Form onSubmit={submit} saved={apply.isSuccess} className="grid gap-5">
      <Card className="grid gap-4 p-4 sm:p-5">
        <SourceFields value={source} onChange={change} />
      </Card>
      <ChooseAgain
        chosen={choose}
        onAgain={() => {
          setChoose(undefined);
          apply.reset();
        }}
      />
      {isSettled && preview.isFetching ? <ReadingFiles /> : null}
      {isSettled && preview.error && !preview.isFetching ? (
        <SourceProblem error={preview.error} onChoose={setChoose} />
      ) : null}
      {shown && !preview.isFetching ? (
        <FilesPreview preview={shown} remove={remove} onRemove={setRemove} />
      ) : null}
      {apply.error && !isOutdated ? <SourceProblem error={apply.error} onChoose={setChoose} /> : null}
      {isOutdated ? (
        <FormError>
          <p>{apply.error?.message}</p>
          <Button
            variant="outline"
            size="sm"
            className="mt-2"
            onClick={() => {
              apply.reset();
              void preview.refetch();
            }}
          >
            Look at the difference again
          </Button>
        </FormError>
      ) : null}
      {shown ? (
        <div className="flex flex-wrap gap-2">
          <Button
            type="submit"
            size="lg"
            disabled={
              isNoChange(shown) || preview.isFetching || apply.isPending || apply.isSuccess || isOutdated
            }
          >
            {apply.isPending
              ? "Applying…"
              : shown.workflows.length === 0
                ? "Apply"
                : `Apply to ${formatCount(shown.workflows.length, "workflow")}`}
          </Button>
          <Button variant="ghost" size="lg" onClick={() => router.push(`/p/${projectId}/code`)}>
            Change nothing
          </Button>
        </div>
      ) : null}
    </Form>
  );
}
