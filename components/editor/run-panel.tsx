"use client";
import dynamic from "next/dynamic";
import { useQueryState } from "nuqs";
import { useEffect, useMemo, useState } from "react";
import { contentOf } from "@/components/receipt/message-content";
import { Skeleton } from "@/components/ui/skeleton";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import type { TryPart } from "./editor-store";
import { editParams } from "./params";
import { takersOf } from "./run/taken";
import { TryTab } from "./run/try-tab";
import { useChoice, useShown } from "./run/use-input";
import { useEditor, useEditorPlace, useEditorStore } from "./store";
import { targetFields } from "./target-fields";

const loading = () => <Skeleton className="h-40" />;
const TestList = dynamic(() => import("./run/test-list").then((module) => module.TestList), {
  ssr: false,
  loading,
});
const TestUrl = dynamic(() => import("./run/test-url").then((module) => module.TestUrl), {
  ssr: false,
  loading,
});
const ReplayPanel = dynamic(() => import("./run/replay-panel").then((module) => module.ReplayPanel), {
  ssr: false,
  loading,
});

const parts: Record<TryPart, string> = { try: "Try", tests: "Tests", url: "Test URL", replay: "Replay" };

/** Trying the draft: the input, what is run of it, and what came of it. `jobId`: of one job alone. */
export function RunPanel({ jobId }: { jobId: string | null }) {
  const { may } = useEditorPlace();
  if (!may.run)
    return (
      <p className="text-muted-foreground">Your role may not start runs, so this draft cannot be tested.</p>
    );
  return <Parts jobId={jobId} />;
}

function Parts({ jobId }: { jobId: string | null }) {
  const store = useEditorStore();
  const part = useEditor((state) => state.tryPart);
  const setPart = (tryPart: TryPart) => store.set({ tryPart });
  const [named] = useQueryState("test", editParams.test);
  const [testId, setTestId] = useState(named);
  // The one that the address names is led to as soon as it is shown.
  useEffect(() => {
    if (named) store.goToTry("try", targetFields.testResult);
  }, [store, named]);
  const choice = useChoice();
  const shown = useShown(choice);
  const triggers = useEditor(({ history }) => history.now.triggers);
  const takers = useMemo(() => {
    const { message } = shown;
    return message
      ? takersOf({ triggers }, { triggerId: message.triggerId, content: contentOf(message) })
      : [];
  }, [triggers, shown]);
  return (
    <Tabs value={part} onValueChange={(value) => setPart(partOf(value))}>
      <TabsList aria-label="Ways to try the draft">
        {partNames.map((one) => (
          <TabsTrigger key={one} value={one}>
            {parts[one]}
          </TabsTrigger>
        ))}
      </TabsList>
      <TabsContent value="try" forceMount className={part === "try" ? "" : "hidden"}>
        <TryTab
          {...{ jobId, choice, shown, takers, testId }}
          onTest={(id) => {
            setTestId(id);
            setPart("try");
          }}
        />
      </TabsContent>
      <TabsContent value="tests">
        <TestList
          testId={testId}
          onOpen={setTestId}
          onUse={(text) => {
            choice.write(text);
            setPart("try");
          }}
        />
      </TabsContent>
      <TabsContent value="url">
        <TestUrl input={choice.input} shown={shown} />
      </TabsContent>
      <TabsContent value="replay">
        <ReplayPanel />
      </TabsContent>
    </Tabs>
  );
}

const partNames = ["try", "tests", "url", "replay"] as const satisfies TryPart[];
const partOf = (value: string): TryPart => partNames.find((one) => one === value) ?? "try";
