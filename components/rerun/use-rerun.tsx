"use client";
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { ApiError, nothingSent } from "@/components/api";
import { toast } from "@/components/ui/toast";
import type { RerunPreview } from "@/lib/domain/run/types";
import { RerunQuestion } from "./rerun-question";
import type { Version } from "./version-choice";

type Versioned = { version?: Version };

type Ways<Request extends Versioned> = {
  projectId: string;
  /** Asks the server what the rerun would do a second time, and what has changed since. */
  preview: (request: Request) => Promise<RerunPreview>;
  send: (request: Request) => Promise<{ runIds: string[] }>;
  done: (runIds: string[]) => void;
};

type Asked<Request> = {
  request: Request;
  preview: RerunPreview;
  /** Why it cannot run on the present version. */
  note: string | null;
};

/**
 * A rerun by one click where nothing that succeeded would be done again and the workflow is what it was; otherwise its
 * person is asked first. What cannot run on the present version is offered on the one of then. `question` goes anywhere
 * on the page.
 */
export function useRerun<Request extends Versioned>({
  projectId,
  preview,
  send,
  done,
}: Ways<Request>): {
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
    mutationFn: (request: Request) => lookAt(request, preview),
    onSuccess: (found) => (isPlain(found) ? sending.mutate(found.request) : setAsked(found)),
    onError: (error) =>
      toast.error(error instanceof ApiError && error.code === "offline" ? nothingSent : error.message),
  });
  const turnTo = (version: Version) => {
    if (asked) looking.mutate({ ...asked.request, version });
  };
  return {
    rerun: (request) => {
      if (!looking.isPending && !sending.isPending && asked === null) looking.mutate(request);
    },
    isBusy: sending.isPending,
    question: asked ? (
      <RerunQuestion
        projectId={projectId}
        preview={asked.preview}
        version={asked.request.version ?? "latest"}
        onVersion={asked.note === null ? turnTo : undefined}
        note={asked.note}
        onConfirm={() => sending.mutate(asked.request)}
        onClose={() => setAsked(null)}
      />
    ) : null,
  };
}

async function lookAt<Request extends Versioned>(
  request: Request,
  preview: Ways<Request>["preview"],
): Promise<Asked<Request>> {
  try {
    return { request, preview: await preview(request), note: null };
  } catch (error) {
    const isRefused = error instanceof ApiError && error.code === "conflict" && request.version === undefined;
    if (!isRefused) throw error;
    const original = { ...request, version: "original" as const };
    // What cannot be run then either is refused for the reason that holds now.
    const found = await preview(original).catch(() => null);
    if (!found) throw error;
    return { request: original, preview: found, note: error.message };
  }
}

const isPlain = ({ preview, note }: Asked<unknown>): boolean =>
  note === null &&
  preview.succeeded.length === 0 &&
  preview.unfinishedRuns === 0 &&
  preview.versions.length === 0;
