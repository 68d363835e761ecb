"use client";
import { useState } from "react";
import { Editor } from "@/components/code/editor";
import { jsonProblem } from "@/components/manual-run/choice";
import { UnsavedPlace } from "@/components/unsaved/place";
import { Unsaved } from "@/components/unsaved/registry";

type Props = { json: string; onWrite: (json: string) => void };

/** A state that a person brings. It is kept in the browser as it is typed, so leaving the page loses nothing. */
export function JsonInput({ json, onWrite }: Props) {
  const [place] = useState(() => new Unsaved());
  const problem = jsonProblem(json);
  return (
    <div className="grid grid-cols-1 gap-1.5">
      <div className="overflow-hidden rounded-md border border-input/70">
        <UnsavedPlace place={place}>
          <Editor value={json} onChange={onWrite} language="json" label="State as JSON" height="28vh" />
        </UnsavedPlace>
      </div>
      {problem ? (
        <p role="status" data-status="rejected" className="text-(--status) text-xs">
          {problem}
        </p>
      ) : null}
    </div>
  );
}
