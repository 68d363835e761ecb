import { Search } from "lucide-react";
import { Input } from "./input";

/** Looks for something in what stands below it. `label` is its accessible name. */
export function FindInput({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string;
  onChange(value: string): void;
}) {
  return (
    <div className="relative min-w-32 flex-1">
      <Search
        aria-hidden
        className="pointer-events-none absolute top-2 left-2 size-3 text-muted-foreground"
      />
      <Input
        type="search"
        aria-label={label}
        placeholder="Find"
        value={value}
        onChange={(event) => onChange(event.target.value)}
        className="h-7 pl-7 text-xs"
      />
    </div>
  );
}
