"use client";
import dynamic from "next/dynamic";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { inputName } from "./input";
import { InputView } from "./input-view";
import { JsonInput } from "./json-input";
import { SaveInput } from "./save-input";
import type { Choice, Shown } from "./use-input";

const InputSources = dynamic(() => import("./input-sources").then((module) => module.InputSources), {
  ssr: false,
  loading: () => <Skeleton className="h-40" />,
});

type Props = { jobId: string | null; choice: Choice; shown: Shown };

/** What the draft is tried on: named and shown, and another one chosen. */
export function InputChooser({ jobId, choice, shown }: Props) {
  const { input, json, isLooking, choose, write } = choice;
  const [isChoosing, setChoosing] = useState(false);
  const canSave = input.kind !== "none" && !(input.kind === "dataclip" && input.name);
  return (
    <section aria-label="Input" className="grid grid-cols-1 gap-2">
      <p className="min-w-0 [overflow-wrap:anywhere]">
        <span className="text-muted-foreground">Input: </span>
        {isLooking ? (
          <span className="text-muted-foreground">looking for one…</span>
        ) : (
          <span className="font-medium">{inputName(input)}</span>
        )}
      </p>
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <SaveInput
          state={canSave ? shown.state : undefined}
          onSaved={({ id, name }) => choose({ kind: "dataclip", id, name })}
        />
        <Button
          size="sm"
          variant="outline"
          aria-expanded={isChoosing}
          onClick={() => setChoosing(!isChoosing)}
        >
          {isChoosing ? "Done" : "Choose another"}
        </Button>
      </div>
      {isChoosing ? <InputSources {...{ jobId, input, json, choose, write }} /> : null}
      {!isChoosing && input.kind === "json" ? <JsonInput json={json} onWrite={write} /> : null}
      <InputView {...{ input, isLooking, shown }} />
    </section>
  );
}
