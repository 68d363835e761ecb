"use client";
import { useId } from "react";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";

type Props = {
  hint: string;
  value: string;
  onChange: (zone: string) => void;
  error?: string | string[] | undefined;
};

const known = (): string[] => Intl.supportedValuesOf("timeZone");
const here = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** A time zone by its IANA name, with suggestions, and the browser's own at a click. */
export function TimeZoneField({ hint, value, onChange, error }: Props) {
  const id = useId();
  return (
    <div className="flex flex-wrap items-start gap-2">
      <Field label="Time zone" hint={hint} error={error} className="min-w-0 flex-1 basis-52">
        <Input
          list={id}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          spellCheck={false}
          autoComplete="off"
          maxLength={100}
        />
      </Field>
      <datalist id={id}>
        {known().map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
      <Button variant="outline" className="sm:mt-6.5" onClick={() => onChange(here())}>
        Use this device's
      </Button>
    </div>
  );
}
