"use client";
import { FlaskConical } from "lucide-react";
import dynamic from "next/dynamic";
import { useRef, useState } from "react";
import { useDraft, useEditor, useEditorStore } from "@/components/editor/store";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Kbd } from "@/components/ui/kbd";
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "@/components/ui/select";
import { Skeleton } from "@/components/ui/skeleton";
import { triggerName } from "@/components/workflows/edge-words";
import type { TestMode } from "@/lib/words";
import { inputBody } from "./input";
import { InputChooser } from "./input-chooser";
import { ModeChoice } from "./mode-choice";
import { agreementOf, type SentWith, sentWith } from "./send-words";
import {
  reachable,
  type Scope,
  type Start,
  scopes,
  scopeWords,
  startOf,
  triggerFor,
  usualScope,
  whyNot,
} from "./start";
import { recordedHosts } from "./test-words";
import type { Choice, Shown } from "./use-input";
import { useRunKey } from "./use-run-key";
import { useAsk, useTest } from "./use-test";

const TestResult = dynamic(() => import("./test-result").then((module) => module.TestResult), {
  ssr: false,
  loading: () => <Skeleton className="h-40" />,
});

const SendConfirm = dynamic(() => import("./send-confirm").then((module) => module.SendConfirm), {
  ssr: false,
});

type Props = {
  jobId: string | null;
  choice: Choice;
  shown: Shown;
  /** Triggers that take the chosen message. */
  takers: readonly string[];
  testId: string | null;
  onTest: (id: string) => void;
};

type Asked = { start: Start; reached: ReadonlySet<string>; sentWith: SentWith };

/** An input, how much of the draft is tried on it, and what came of it. */
export function TryTab({ jobId, choice, shown, takers, testId, onTest }: Props) {
  const store = useEditorStore();
  const graph = useDraft();
  const selected = useEditor((state) => state.selected);
  const [mode, setMode] = useState<TestMode>("record");
  const [chosenTrigger, chooseTrigger] = useState<string | null>(null);
  const [agreed, setAgreed] = useState<ReadonlySet<string>>(new Set());
  const [asked, setAsked] = useState<Asked | null>(null);
  const ask = useAsk(onTest);
  const hosts = useRecordedHosts(testId);
  const triggerId = triggerFor({ graph, selected, takers, chosen: chosenTrigger });
  const place = { jobId, triggerId };
  const input = choice.isLooking
    ? "Looking for the newest message to try it on."
    : inputBody(choice.input, choice.json);

  const send = (start: Start) => {
    if (typeof input !== "string") ask.mutate({ start, input, mode });
  };
  const run = (scope: Scope) => {
    const start = startOf(scope, place);
    if (!start || typeof input === "string" || ask.isPending) return;
    store.takeIn();
    const reached = reachable(store.draft, start);
    const used = sentWith(store.draft, reached);
    if (mode === "send" && !agreed.has(agreementOf(reached, used)))
      setAsked({ start, reached, sentWith: used });
    else send(start);
  };
  const agree = () => {
    if (!asked) return;
    setAgreed(new Set([...agreed, agreementOf(asked.reached, asked.sentWith)]));
    send(asked.start);
    setAsked(null);
  };
  const usual = usualScope(jobId);
  useRunKey(() => run(usual));

  return (
    <div className="grid grid-cols-1 gap-4">
      <InputChooser jobId={jobId} choice={choice} shown={shown} />
      <ModeChoice label="What becomes of requests" mode={mode} onChange={setMode} />
      <StartTrigger triggerId={triggerId} onChange={chooseTrigger} />
      <div className="grid grid-cols-1 gap-1.5">
        <div className="flex flex-wrap gap-2">
          {scopes.map((scope) =>
            scope !== "workflow" && jobId === null ? null : (
              <Button
                key={scope}
                variant={scope === usual ? "primary" : "outline"}
                disabled={typeof input === "string" || whyNot(scope, place) !== null}
                onClick={() => run(scope)}
              >
                {scope === usual ? <FlaskConical aria-hidden /> : null}
                {scopeWords[scope]}
              </Button>
            ),
          )}
        </div>
        <p role="status" className="text-muted-foreground text-xs">
          {ask.isPending
            ? "Saving the draft, and asking for its test."
            : typeof input === "string"
              ? input
              : (whyNot(usual, place) ?? (
                  <span className="max-lg:hidden">
                    <Kbd>Ctrl</Kbd> <Kbd>Enter</Kbd> does it from anywhere, from the code too.
                  </span>
                ))}
        </p>
        {ask.error ? (
          <p role="alert" data-status="failed" className="text-(--status)">
            {ask.error.message}
          </p>
        ) : null}
      </div>
      {testId ? <TestResult id={testId} onUse={choice.write} /> : null}
      {asked ? (
        <SendConfirm asked={asked} recordedHosts={hosts} onAgree={agree} onClose={() => setAsked(null)} />
      ) : null}
    </div>
  );
}

/** Where a whole test begins, when there is a choice. */
function StartTrigger({ triggerId, onChange }: { triggerId: string | null; onChange: (id: string) => void }) {
  const triggers = useEditor(({ history }) => history.now.triggers);
  if (triggers.length < 2 || triggerId === null) return null;
  return (
    <Field label="The workflow begins at">
      <Select value={triggerId} onValueChange={onChange}>
        <SelectTrigger className="w-full">
          <SelectValue />
        </SelectTrigger>
        <SelectContent>
          {triggers.map(({ id, type, enabled }, index) => (
            <SelectItem key={id} value={id}>
              {index + 1}. {triggerName(type)}
              {enabled ? "" : " (switched off)"}
            </SelectItem>
          ))}
        </SelectContent>
      </Select>
    </Field>
  );
}

/** Where the last recorded test that was shown would have sent to. */
function useRecordedHosts(testId: string | null): readonly string[] {
  const { test } = useTest(testId);
  const hosts = useRef<readonly string[]>([]);
  if (test?.mode === "record") hosts.current = recordedHosts(test.steps);
  return hosts.current;
}
