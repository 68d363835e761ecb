"use client";
import { createContext, type ReactNode, use, useId } from "react";
import { cn } from "./cn";
import { Label } from "./label";

type FieldIds = { id: string; describedBy: string | undefined; invalid: boolean };
const FieldContext = createContext<FieldIds | null>(null);

export type FieldProps = {
  /** Of the control, where something leads to it; else one of its own. */
  id?: string | undefined;
  label: ReactNode;
  /** One sentence under the control. */
  hint?: ReactNode;
  /** A sentence, or the list that a Refusal's details carry. */
  error?: string | string[] | null | undefined;
  hideLabel?: boolean;
  className?: string;
  children: ReactNode;
};

/** Label, hint and error of one control; Input, Textarea and Select inside take their ids and aria from it. */
export function Field({ id: given, label, hint, error, hideLabel, className, children }: FieldProps) {
  const own = useId();
  const id = given ?? own;
  const message = Array.isArray(error) ? error.join(" ") : error;
  const ids = [hint ? `${id}-hint` : "", message ? `${id}-error` : ""].filter(Boolean).join(" ");
  return (
    <FieldContext value={{ id, describedBy: ids || undefined, invalid: Boolean(message) }}>
      <div className={cn("grid content-start gap-1.5", className)}>
        <Label htmlFor={id} className={hideLabel ? "sr-only" : undefined}>
          {label}
        </Label>
        {children}
        {hint ? (
          <p id={`${id}-hint`} className="text-muted-foreground text-xs">
            {hint}
          </p>
        ) : null}
        {message ? (
          <p id={`${id}-error`} role="alert" data-status="failed" className="text-(--status) text-xs">
            {message}
          </p>
        ) : null}
      </div>
    </FieldContext>
  );
}

/** What a control inside a Field puts on its element. */
export function useFieldProps(): { id?: string; "aria-describedby"?: string; "aria-invalid"?: true } {
  const field = use(FieldContext);
  if (!field) return {};
  return {
    id: field.id,
    ...(field.describedBy ? { "aria-describedby": field.describedBy } : {}),
    ...(field.invalid ? { "aria-invalid": true as const } : {}),
  };
}
