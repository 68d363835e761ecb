"use client";
import { useQuery } from "@tanstack/react-query";
import { api } from "@/components/api";
import { useDraft, useEditorPlace } from "@/components/editor/store";
import { Confirm } from "@/components/ui/confirm";
import { credentialWords, type SentWith } from "./send-words";
import { listed } from "./test-words";

type Props = {
  /** Null: nothing is asked. */
  asked: { reached: ReadonlySet<string>; sentWith: SentWith } | null;
  /** Hosts that the last recorded test would have sent to. */
  recordedHosts: readonly string[];
  onAgree: () => void;
  onClose: () => void;
};

/** Says what a test that really sends will do, before the first one of its kind. */
export function SendConfirm({ asked, recordedHosts, onAgree, onClose }: Props) {
  return (
    <Confirm
      open={asked !== null}
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title="Really send?"
      description={asked ? <Consequences {...asked} recordedHosts={recordedHosts} /> : ""}
      action="Send for real"
      cancel="Do not send"
      destructive
      onConfirm={onAgree}
    />
  );
}

function Consequences({
  reached,
  sentWith,
  recordedHosts,
}: NonNullable<Props["asked"]> & Pick<Props, "recordedHosts">) {
  const { jobs } = useDraft();
  const { projectId } = useEditorPlace();
  const { data } = useQuery({
    queryKey: ["project-credentials", projectId],
    queryFn: ({ signal }) =>
      api("GET /api/projects/[project]/credentials", {
        params: { project: projectId },
        query: { limit: 100 },
        signal,
      }),
    enabled: sentWith.credentials.length > 0,
  });
  const names = jobs.filter(({ id }) => reached.has(id)).map(({ name }) => name);
  return (
    <div className="grid gap-2">
      <p>
        {names.length === 0
          ? "No job is reached."
          : `What ${listed(names)} ${names.length === 1 ? "sends" : "send"} reaches other systems, as in a live run.`}{" "}
        It is written to the audit log, and cannot be taken back.
      </p>
      <p>
        {recordedHosts.length > 0
          ? `The last recorded test would have sent to ${listed(recordedHosts)}.`
          : "No recorded test says yet where to: record one first to see."}
      </p>
      {sentWith.credentials.length > 0 ? (
        <>
          <p>With these credentials:</p>
          <ul className="grid list-disc gap-0.5 pl-5">
            {credentialWords(sentWith.credentials, data?.items ?? []).map((words) => (
              <li key={words}>{words}</li>
            ))}
          </ul>
        </>
      ) : null}
      {sentWith.keychains.length > 0 ? <p>And with what a keychain chooses by the input.</p> : null}
      <p>You are asked once, until the page is loaded again or other jobs or credentials are used.</p>
    </div>
  );
}
