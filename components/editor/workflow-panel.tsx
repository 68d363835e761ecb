"use client";
import { useDraft } from "./store";

/** Settings of the workflow as a whole. */
export function WorkflowPanel() {
  const { name } = useDraft();
  return <p className="font-medium">{name}</p>;
}
