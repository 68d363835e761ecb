"use client";
import { api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { useApi } from "@/components/use-api";

/** Mails a test to whoever asks for it. */
export function MailTest({ projectId }: { projectId: string }) {
  const test = useApi({
    send: () => api("POST /api/projects/[project]/notices/test", { params: { project: projectId } }),
    message: "A test is on its way to you.",
  });
  return (
    <Button variant="outline" onClick={() => test.mutate(undefined)} disabled={test.isPending}>
      Mail yourself a test
    </Button>
  );
}
