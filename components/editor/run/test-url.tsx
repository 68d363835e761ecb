"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link2, SquareTerminal } from "lucide-react";
import { type ReactNode, useState } from "react";
import { api, apiPath, getBytes } from "@/components/api";
import { curl } from "@/components/copy-as/curl";
import { useDraft, useEditor, useEditorPlace, useEditorStore } from "@/components/editor/store";
import { targetFields } from "@/components/editor/target-fields";
import { exampleRequest } from "@/components/inbox/example-request";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { CopyButton } from "@/components/ui/copy-button";
import { AbsoluteTime } from "@/components/ui/relative-time";
import { Skeleton } from "@/components/ui/skeleton";
import { triggerName } from "@/components/workflows/edge-words";
import type { DraftTest } from "@/lib/domain/test-run/types";
import { fieldId } from "@/lib/editor/field-id";
import type { DraftTrigger } from "@/lib/editor/graph";
import type { TestMode } from "@/lib/words";
import { inputName, type TestInput } from "./input";
import { type ChosenInput, requestOfInput } from "./input-request";
import { ModeChoice } from "./mode-choice";
import { SendConfirm } from "./send-confirm";
import { sentWith } from "./send-words";
import type { Shown } from "./use-input";

type Change = { isOpen?: boolean; mode?: TestMode; followsSchedule?: boolean; renew?: true };

/** How the draft is reached by real requests, and by the clock; each makes a test. */
export function TestUrl({ input, shown }: { input: TestInput; shown: Shown }) {
  const { projectId, workflowId } = useEditorPlace();
  const store = useEditorStore();
  const client = useQueryClient();
  const hasDraft = useEditor(({ onServer }) => onServer.revision !== null);
  const queryKey = ["draft-test", workflowId];
  const params = { project: projectId, id: workflowId };
  const { data, error } = useQuery({
    queryKey,
    queryFn: ({ signal }) => api("GET /api/projects/[project]/workflows/[id]/draft/test", { params, signal }),
    enabled: hasDraft,
    retry: false,
  });
  const change = useMutation({
    mutationFn: async (body: Change) => {
      await store.flush();
      return api("PUT /api/projects/[project]/workflows/[id]/draft/test", { params, body });
    },
    onSuccess: (now) => client.setQueryData(queryKey, now),
  });
  if (hasDraft && !data) return error ? <p role="alert">{error.message}</p> : <Skeleton className="h-40" />;
  return (
    <div className="grid grid-cols-1 gap-5">
      <Url test={data} isPending={change.isPending} onChange={change.mutate} {...{ input, shown }} />
      <Mode mode={data?.mode ?? "record"} onChange={(mode) => change.mutate({ mode })} />
      <Schedule test={data} isPending={change.isPending} onChange={change.mutate} />
      {change.error ? (
        <p role="alert" data-status="failed" className="text-(--status)">
          {change.error.message}
        </p>
      ) : null}
    </div>
  );
}

const Part = ({ title, id, children }: { title: string; id?: string; children: ReactNode }) => (
  <section id={id} aria-label={title} className="grid grid-cols-1 gap-2">
    <h3 className="font-medium text-[13px]">{title}</h3>
    {children}
  </section>
);

type PartProps = {
  /** Undefined: there is no draft yet. */
  test: DraftTest | undefined;
  isPending: boolean;
  onChange: (change: Change) => void;
};

function Url({ test, isPending, onChange, input, shown }: PartProps & { input: TestInput; shown: Shown }) {
  const { origin } = useEditorPlace();
  const chosen = useChosen(shown, Boolean(test?.openUntil));
  const isSent = requestOfInput(chosen, "") !== null;
  if (!test?.openUntil)
    return (
      <Part title="Test URL" id={fieldId(null, targetFields.testUrl)}>
        <p className="text-muted-foreground">
          A real request can reach this draft, at an address that nobody can guess: it is kept as a message,
          and tested by the draft as it is then. It starts nothing that is live.
        </p>
        <div>
          <Button disabled={isPending} onClick={() => onChange({ isOpen: true })}>
            Open it for 24 hours
          </Button>
        </div>
      </Part>
    );
  const url = `${origin}${test.path}`;
  return (
    <Part title="Test URL" id={fieldId(null, targetFields.testUrl)}>
      <p role="status">
        Open until <AbsoluteTime value={test.openUntil} toMinute />.
      </p>
      <p className="text-muted-foreground text-xs">
        {isSent
          ? `The commands send ${inputWords(input)}, which is chosen under Try.`
          : "The commands send an example. Choose an input under Try to send that instead."}
      </p>
      <Address url={url} says="As the inbox URL: all filters of the draft are asked." chosen={chosen} />
      <TriggerAddresses url={url} chosen={chosen} />
      <div className="flex flex-wrap gap-2">
        <Button size="sm" variant="outline" disabled={isPending} onClick={() => onChange({ isOpen: true })}>
          Start the 24 hours anew
        </Button>
        <Button size="sm" variant="outline" disabled={isPending} onClick={() => onChange({ isOpen: false })}>
          Close it
        </Button>
        <Confirm
          trigger={
            <Button size="sm" variant="outline" disabled={isPending}>
              New URL
            </Button>
          }
          title="Make a new test URL?"
          description="Whoever has the old one cannot use it any more, and it never comes back."
          action="Make a new URL"
          onConfirm={() => onChange({ renew: true })}
        />
      </div>
    </Part>
  );
}

/** The chosen input, with the bytes of a message as they were sent. */
function useChosen({ message, state }: Shown, isWanted: boolean): ChosenInput {
  const { projectId } = useEditorPlace();
  const id = message?.id ?? "";
  const { data: bytes } = useQuery({
    queryKey: ["message-bytes", id],
    queryFn: ({ signal }) =>
      getBytes(apiPath("/api/projects/[project]/messages/[id]/body", { project: projectId, id }), signal),
    enabled: isWanted && message !== null && message.wiped === null,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  return { message: message && bytes ? { detail: message, bytes } : null, state };
}

const inputWords = (input: TestInput): string => {
  const name = inputName(input);
  return input.kind === "dataclip" && input.name !== null
    ? name
    : name.charAt(0).toLowerCase() + name.slice(1);
};

function TriggerAddresses({ url, chosen }: { url: string; chosen: ChosenInput }) {
  const { triggers } = useDraft();
  const addressed = triggers.filter(({ type }) => type === "webhook" || type === "message_filter");
  return (
    <ul className="grid grid-cols-1 gap-2">
      {addressed.map((trigger) => (
        <li key={trigger.id}>
          <Address
            url={`${url}/${trigger.id}`}
            says={`${triggerName(trigger.type)} alone, whatever it asks for.`}
            {...{ trigger, chosen }}
          />
        </li>
      ))}
    </ul>
  );
}

type AddressProps = { url: string; says: string; trigger?: DraftTrigger; chosen: ChosenInput };

function Address({ url, says, trigger, chosen }: AddressProps) {
  const { origin } = useEditorPlace();
  const inclusion = trigger?.inclusion ?? null;
  const request = requestOfInput(chosen, url);
  const example = exampleRequest({
    origin,
    inboxUrl: url,
    trigger: trigger && { id: trigger.id, type: "message_filter", inclusion },
  });
  const command = request ? curl(request) : example.curl;
  const what = trigger ? `of ${triggerName(trigger.type)}` : "of the draft";
  return (
    <div className="grid grid-cols-1 gap-1 rounded-md border bg-card px-3 py-2">
      <code className="font-mono text-xs [overflow-wrap:anywhere]">{url}</code>
      <div className="flex flex-wrap items-center gap-2">
        <p className="min-w-0 flex-1 text-muted-foreground text-xs">{says}</p>
        <CopyButton
          size="sm"
          text={url}
          label={`Copy URL ${what}`}
          done="Test URL copied"
          icon={<Link2 aria-hidden />}
        >
          Copy URL
        </CopyButton>
        <CopyButton
          size="sm"
          text={command}
          label={`Copy as curl ${what}`}
          done="Copied the curl line"
          icon={<SquareTerminal aria-hidden />}
        >
          Copy as curl
        </CopyButton>
      </div>
    </div>
  );
}

function Mode({ mode, onChange }: { mode: TestMode; onChange: (mode: TestMode) => void }) {
  const { jobs } = useDraft();
  const [isAsking, setAsking] = useState(false);
  const all = new Set(jobs.map(({ id }) => id));
  return (
    <Part title="Tests by URL or schedule">
      <ModeChoice
        label="What becomes of requests of tests by URL and schedule"
        mode={mode}
        onChange={(next) => (next === "send" ? setAsking(true) : onChange(next))}
      />
      <SendConfirm
        asked={isAsking ? { reached: all, sentWith: sentWith({ jobs }, all) } : null}
        recordedHosts={[]}
        onAgree={() => {
          setAsking(false);
          onChange("send");
        }}
        onClose={() => setAsking(false)}
      />
    </Part>
  );
}

function Schedule({ test, isPending, onChange }: PartProps) {
  const { triggers } = useDraft();
  const isFollowed = Boolean(test?.scheduleUntil);
  if (!isFollowed && !triggers.some(({ type }) => type === "cron")) return null;
  return (
    <Part title="Schedule">
      {test?.scheduleUntil ? (
        <p role="status">
          Followed until <AbsoluteTime value={test.scheduleUntil} toMinute />.{" "}
          {test.nextAt ? (
            <>
              The next test begins at <AbsoluteTime value={test.nextAt} toMinute />.
            </>
          ) : (
            "It does not fire until then."
          )}
        </p>
      ) : (
        <p className="text-muted-foreground">
          The draft's schedule is not followed. For a day, its times can make tests of it.
        </p>
      )}
      <div className="flex flex-wrap gap-2">
        <Button
          size="sm"
          variant="outline"
          disabled={isPending}
          onClick={() => onChange({ followsSchedule: true })}
        >
          {isFollowed ? "Start the 24 hours anew" : "Follow it for 24 hours"}
        </Button>
        {isFollowed ? (
          <Button
            size="sm"
            variant="outline"
            disabled={isPending}
            onClick={() => onChange({ followsSchedule: false })}
          >
            Stop following it
          </Button>
        ) : null}
      </div>
    </Part>
  );
}
