"use client";
import { useId } from "react";
import { Checkbox } from "@/components/ui/checkbox";

type Option = { id: string; name: string; hint?: string };

type Props = {
  label: string;
  options: Option[];
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
  error?: string[] | undefined;
};

/** Any number of some things, each with its box. A long list scrolls. */
export function CheckList({ label, options, chosen, onChange, error }: Props) {
  const id = useId();
  const toggle = (option: string, isChosen: boolean) =>
    onChange(isChosen ? [...chosen, option] : chosen.filter((other) => other !== option));
  return (
    <fieldset className="grid gap-1.5" aria-describedby={error ? `${id}-error` : undefined}>
      <legend className="mb-1.5 font-medium text-[13px]">{label}</legend>
      <div className="grid max-h-56 gap-2.5 overflow-y-auto rounded-md border bg-card px-3 py-2.5">
        {options.length === 0 ? <p className="text-muted-foreground text-sm">There is none yet.</p> : null}
        {options.map((option) => (
          <div key={option.id} className="flex items-start gap-2.5">
            <Checkbox
              id={`${id}-${option.id}`}
              className="mt-0.5"
              checked={chosen.includes(option.id)}
              onCheckedChange={(isChosen) => toggle(option.id, isChosen)}
              {...(option.hint ? { "aria-describedby": `${id}-${option.id}-hint` } : {})}
            />
            <div className="grid min-w-0 gap-0.5">
              <label htmlFor={`${id}-${option.id}`} className="truncate font-medium">
                {option.name}
              </label>
              {option.hint ? (
                <span id={`${id}-${option.id}-hint`} className="text-muted-foreground text-xs">
                  {option.hint}
                </span>
              ) : null}
            </div>
          </div>
        ))}
      </div>
      {error ? (
        <p id={`${id}-error`} role="alert" data-status="failed" className="text-(--status) text-xs">
          {error.join(" ")}
        </p>
      ) : null}
    </fieldset>
  );
}
