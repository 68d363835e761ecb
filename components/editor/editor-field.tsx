"use client";
import { Field, type FieldProps } from "@/components/ui/field";
import { fieldId } from "@/lib/editor/field-id";
import { useEditor } from "./store";

/** What is wrong with a field of the draft, in sentences; null where nothing is. `itemId`: null of the workflow. */
export function useFieldProblem(itemId: string | null, field: string): string | null {
  return useEditor(({ problems }) => {
    const found = problems.filter((problem) => problem.itemId === itemId && problem.field === field);
    return found.length === 0 ? null : found.map(({ message }) => message).join(" ");
  });
}

type Props = Omit<FieldProps, "id" | "error"> & {
  itemId: string | null;
  /** As in `GraphProblem`. */
  field: string;
  /** What is wrong besides, such as a text that is no number. */
  error?: string | null;
};

/** A field of an item of the draft: problems lead to it, and stand under it. */
export function EditorField({ itemId, field, error, ...props }: Props) {
  const problem = useFieldProblem(itemId, field);
  return <Field {...props} id={fieldId(itemId, field)} error={error ?? problem} />;
}
