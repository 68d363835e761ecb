"use client";
import { useState } from "react";
import { EntranceTitle } from "@/components/account/entrance";
import { FormError } from "@/components/account/form-error";
import { api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { useApi } from "@/components/use-api";
import type { Stopped } from "@/lib/domain/notice/stop/answer";

const words: Record<Stopped["kind"], (project: string) => string> = {
  at_once: (project) => `mails about failures in ${project}`,
  digest: (project) => `the summary of ${project}`,
};

/** What stops, with one button; or what has, with the way back. */
export function StopNotices({ token, found }: { token: string; found: Stopped }) {
  const [shown, setShown] = useState(found);
  const stop = useApi({
    send: () => api("POST /api/notices/stop/[token]", { params: { token } }),
    hasForm: true,
    done: setShown,
  });
  const start = useApi({
    send: () => api("DELETE /api/notices/stop/[token]", { params: { token } }),
    hasForm: true,
    done: setShown,
  });
  const what = words[shown.kind](shown.project);
  const verb = shown.isStopped ? start : stop;
  return (
    <>
      <EntranceTitle title={shown.isStopped ? "Stopped" : `Stop ${what}?`}>
        {shown.isStopped
          ? `You get ${what} no more. What others of the project get stays as it is.`
          : "You get them because of your role in the project, or because you chose to. Others of the project go on getting theirs."}
      </EntranceTitle>
      <FormError>{stop.error?.message ?? start.error?.message}</FormError>
      <Button
        size="lg"
        variant={shown.isStopped ? "outline" : "primary"}
        onClick={() => verb.mutate(undefined)}
        disabled={stop.isPending || start.isPending}
      >
        {shown.isStopped ? "Start again" : "Stop"}
      </Button>
    </>
  );
}
