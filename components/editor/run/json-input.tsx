"use client";
import { useState } from "react";
import { JsonEditor } from "@/components/code/json-editor";
import { jsonProblem } from "@/components/manual-run/choice";
import { UnsavedPlace } from "@/components/unsaved/place";
import { Unsaved } from "@/components/unsaved/registry";

type Props = { json: string; onWrite: (json: string) => void };

/** A state that a person brings. It is kept in the browser as it is typed, so leaving the page loses nothing. */
export function JsonInput({ json, onWrite }: Props) {
  const [place] = useState(() => new Unsaved());
  return (
    <UnsavedPlace place={place}>
      <JsonEditor value={json} onChange={onWrite} label="State as JSON" problem={jsonProblem(json)} />
    </UnsavedPlace>
  );
}
