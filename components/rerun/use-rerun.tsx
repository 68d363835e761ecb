"use client";
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { ApiError, nothingSent } from "@/components/api";
import { toast } from "@/components/ui/toast";
import type { RerunPreview } from "@/lib/domain/run/types";
import { RerunQuestion } from "./rerun-question";

type Ways<Request> = {
  /** Asks the server what the rerun would do a second time. */
  preview: (request: Request) => Promise<RerunPreview>;
  send: (request: Request) => Promise<{ runIds: string[] }>;
  done: (runIds: string[]) => void;
};

type Asked<Request> = { request: Request; preview: RerunPreview };

/**
 * A rerun by one click where nothing that succeeded would be done again; otherwise its person is asked first. `question`
 * goes anywhere on the page.
 */
export function useRerun<Request>({ preview, send, done }: Ways<Request>): {
  rerun: (request: Request) => void;
  isBusy: boolean;
  question: ReactNode;
} {
  const [asked, setAsked] = useState<Asked<Request> | null>(null);
  const sending = useMutation({
    mutationFn: send,
    onSuccess: ({ runIds }) => done(runIds),
    onError: (error) => toast.error(error.message),
  });
  const looking = useMutation({
    mutationFn: preview,
    onSuccess: (found, request) =>
      found.succeeded.length > 0 || found.unfinishedRuns > 0
        ? setAsked({ request, preview: found })
        : sending.mutate(request),
    onError: (error) =>
      toast.error(error instanceof ApiError && error.code === "offline" ? nothingSent : error.message),
  });
  return {
    rerun: (request) => {
      if (!looking.isPending && !sending.isPending && asked === null) looking.mutate(request);
    },
    isBusy: sending.isPending,
    question: asked ? (
      <RerunQuestion
        preview={asked.preview}
        onConfirm={() => sending.mutate(asked.request)}
        onClose={() => setAsked(null)}
      />
    ) : null,
  };
}
