"use client";
import { CornerDownRight, CornerLeftUp } from "lucide-react";
import dynamic from "next/dynamic";
import { type ReactNode, useState } from "react";
import { PayloadView } from "@/components/code/payload-view";
import { useEditor, useEditorStore } from "@/components/editor/store";
import { Connections } from "@/components/runs/connections";
import { parseJson } from "@/components/runs/json-view";
import { StepErrorView } from "@/components/runs/step-error";
import { RefusedConnections, WouldBeRequests } from "@/components/runs/would-be-requests";
import { Button } from "@/components/ui/button";
import { formatBytes } from "@/components/ui/format";
import { Skeleton } from "@/components/ui/skeleton";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import type { TestRun, TestStep } from "@/lib/domain/test-run/types";
import { Compared } from "./compared";

const LogBox = dynamic(() => import("@/components/runs/log-box").then((module) => module.LogBox), {
  ssr: false,
  loading: () => <Skeleton className="h-24" />,
});

const tabs = ["error", "requests", "output", "logs", "input", "connections", "compared"] as const;
type Tab = (typeof tabs)[number];

/** Makes a state the input that is tried next. */
export type UseState = (text: string) => void;

type Props = { test: TestRun; step: TestStep; onUse: UseState };

/** Everything that one job of a test came to. */
export function TestStepView({ test, step, onUse }: Props) {
  const [chosen, setChosen] = useState<Tab | null>(null);
  const { error, requests, logs, output, input, connections, reason } = step;
  const isRecorded = test.mode === "record";
  const shown = chosen ?? (error ? "error" : requests.length > 0 ? "requests" : "output");
  const count = (n: number) => <span className="nums text-muted-foreground">{n || ""}</span>;
  return (
    <Tabs value={shown} onValueChange={(value) => setChosen(tabs.find((one) => one === value) ?? "output")}>
      <TabsList aria-label={`Step ${step.jobName} of the test`}>
        {error ? <TabsTrigger value="error">Error</TabsTrigger> : null}
        {isRecorded ? <TabsTrigger value="requests">Requests {count(requests.length)}</TabsTrigger> : null}
        <TabsTrigger value="output">Output</TabsTrigger>
        <TabsTrigger value="logs">Log {count(logs.length)}</TabsTrigger>
        <TabsTrigger value="input">Input</TabsTrigger>
        {isRecorded ? null : (
          <TabsTrigger value="connections">Connections {count(connections.length)}</TabsTrigger>
        )}
        {reason ? <TabsTrigger value="compared">Compare</TabsTrigger> : null}
      </TabsList>
      {step.isCut ? (
        <p className="pt-2 text-muted-foreground text-xs">
          Not all of it is kept: it was too much, or this project keeps no such thing.
        </p>
      ) : null}
      {error ? (
        <TabsContent value="error">
          <ErrorTab step={step} />
        </TabsContent>
      ) : null}
      <TabsContent value="requests">
        <WouldBeRequests requests={requests} />
        <RefusedConnections connections={connections} />
      </TabsContent>
      <TabsContent value="output">
        <State
          label="Output"
          text={output}
          onUse={onUse}
          nothing={reason ? "The job handed nothing on." : "It is still running."}
        />
      </TabsContent>
      <TabsContent value="logs">
        <LogBox lines={logs} isRunning={reason === null} fileName={`test-${step.jobName}`} />
      </TabsContent>
      <TabsContent value="input">
        <State label="Input" text={input} onUse={onUse} nothing="The input is not kept." />
      </TabsContent>
      <TabsContent value="connections">
        <Connections connections={connections} isLost={reason === "lost"} />
      </TabsContent>
      <TabsContent value="compared">
        <Compared testId={test.id} jobId={step.jobId} />
      </TabsContent>
    </Tabs>
  );
}

/** More is not pasted. */
const mostUsed = 500_000;

type StateProps = { label: string; text: string | null; nothing: ReactNode; onUse: UseState };

/** A state of the test, from which another job can be tried. */
function State({ label, text, nothing, onUse }: StateProps) {
  if (text === null) return <p className="text-muted-foreground">{nothing}</p>;
  const json = parseJson(text);
  return (
    <div className="grid grid-cols-1 gap-2">
      {json !== undefined && text.length <= mostUsed ? (
        <div>
          <Button size="sm" variant="outline" onClick={() => onUse(text)}>
            <CornerLeftUp aria-hidden /> Use it as the input
          </Button>
        </div>
      ) : null}
      <PayloadView label={label} text={text} json={json} caption={formatBytes(text.length)} />
    </div>
  );
}

/** Why it failed, and the way to the line. */
function ErrorTab({ step: { jobId, error } }: { step: TestStep }) {
  const store = useEditorStore();
  const job = useEditor(({ history }) => history.now.jobs.find(({ id }) => id === jobId));
  if (!error) return null;
  const line = error.position?.line ?? error.operation?.line;
  const isAsItRan =
    !error.position || job?.body.split("\n")[error.position.line - 1] === error.position.source;
  return (
    <div className="grid gap-2">
      {job && line !== undefined ? (
        <div className="flex flex-wrap items-center gap-2">
          <Button
            size="sm"
            variant="outline"
            onClick={() => store.goTo({ itemId: jobId, field: "body", line })}
          >
            <CornerDownRight aria-hidden /> Go to line {line}
          </Button>
          {isAsItRan ? null : (
            <p className="text-muted-foreground text-xs">The line has been changed since.</p>
          )}
        </div>
      ) : null}
      <StepErrorView error={error} source={isAsItRan ? job?.body : undefined} />
    </div>
  );
}
