"use client";
import { CalendarRange, Search, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Popover, PopoverClose, PopoverContent, PopoverTrigger } from "@/components/ui/popover";

/** Free text, applied when typing pauses or on Enter. */
export function TextFilter({
  label,
  value,
  onChange,
  id,
}: {
  label: string;
  value: string | null;
  onChange: (value: string | null) => void;
  id: string;
}) {
  const [text, setText] = useState(value ?? "");
  const applied = useRef(value);
  useEffect(() => {
    if (applied.current === value) return;
    applied.current = value;
    setText(value ?? "");
  }, [value]);
  const apply = (next: string) => {
    const trimmed = next.trim() || null;
    if (trimmed === applied.current) return;
    applied.current = trimmed;
    onChange(trimmed);
  };
  useEffect(() => {
    const timer = setTimeout(() => apply(text), 350);
    return () => clearTimeout(timer);
  });
  return (
    <search className="relative min-w-44 flex-1 sm:max-w-80">
      <Search
        aria-hidden
        className="pointer-events-none absolute top-2.5 left-2.5 size-3.5 text-muted-foreground"
      />
      <Input
        id={id}
        type="search"
        aria-label={label}
        placeholder={label}
        value={text}
        maxLength={200}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") apply(text);
          if (event.key !== "Escape") return;
          // Browsers empty a search field on Escape; here it only leaves the field.
          event.preventDefault();
          event.currentTarget.blur();
        }}
        className="pl-8 [&::-webkit-search-cancel-button]:opacity-60"
      />
    </search>
  );
}

type Dates = { from: string | null; to: string | null };

const presets = [
  { label: "Last hour", ms: 3_600_000 },
  { label: "Last 24 hours", ms: 86_400_000 },
  { label: "Last 7 days", ms: 7 * 86_400_000 },
  { label: "Last 30 days", ms: 30 * 86_400_000 },
];

/** From and to, as instants; shown in the reader's time zone. */
export function DateFilter({ from, to, onChange }: Dates & { onChange: (dates: Dates) => void }) {
  const isSet = Boolean(from || to);
  return (
    <Popover>
      <PopoverTrigger asChild>
        <Button
          variant="outline"
          suppressHydrationWarning
          className={isSet ? "border-accent bg-accent-soft" : undefined}
        >
          <CalendarRange aria-hidden />
          {isSet ? sayDates({ from, to }) : "Any time"}
        </Button>
      </PopoverTrigger>
      <PopoverContent aria-label="Time" className="grid gap-3">
        <div className="grid grid-cols-2 gap-1.5">
          {presets.map(({ label, ms }) => (
            <PopoverClose key={label} asChild>
              <Button
                size="sm"
                variant="outline"
                onClick={() => onChange({ from: new Date(Date.now() - ms).toISOString(), to: null })}
              >
                {label}
              </Button>
            </PopoverClose>
          ))}
        </div>
        <Field label="From">
          <Input
            type="datetime-local"
            value={toLocal(from)}
            onChange={(e) => onChange({ from: toInstant(e.target.value), to })}
          />
        </Field>
        <Field label="Before">
          <Input
            type="datetime-local"
            value={toLocal(to)}
            onChange={(e) => onChange({ from, to: toInstant(e.target.value) })}
          />
        </Field>
        {isSet ? (
          <PopoverClose asChild>
            <Button variant="ghost" size="sm" onClick={() => onChange({ from: null, to: null })}>
              <X aria-hidden /> Any time
            </Button>
          </PopoverClose>
        ) : null}
      </PopoverContent>
    </Popover>
  );
}

function toLocal(instant: string | null): string {
  if (!instant) return "";
  const date = new Date(instant);
  if (Number.isNaN(date.getTime())) return "";
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function toInstant(local: string): string | null {
  const date = new Date(local);
  return local && !Number.isNaN(date.getTime()) ? date.toISOString() : null;
}

function sayDates({ from, to }: Dates): string {
  const say = (instant: string) => toLocal(instant).slice(5).replace("T", " ");
  if (from && to) return `${say(from)} – ${say(to)}`;
  return from ? `since ${say(from)}` : `before ${say(to ?? "")}`;
}
