import { FileCode2, FlaskConical, SquarePen } from "lucide-react";
import { cn } from "@/components/ui/cn";
import { NativeRadio } from "@/components/ui/radio";
import type { Start } from "./search-params";

const choices = [
  { value: "sample", icon: FlaskConical, title: "From the sample", text: "Two jobs to try everything with" },
  { value: "empty", icon: SquarePen, title: "Empty", text: "An inbox and nothing else" },
  {
    value: "yaml",
    icon: FileCode2,
    title: "From files",
    text: "An OpenFn repository's folder, a ZIP archive, a project.yaml",
  },
] as const;

/** What the new project begins with. Real radio buttons: arrows move, labels name. */
export function StartChoice({ value, onChange }: { value: Start; onChange: (start: Start) => void }) {
  return (
    <fieldset className="grid gap-2 sm:grid-cols-3">
      <legend className="mb-1.5 font-medium text-[13px]">Begin with</legend>
      {choices.map(({ value: start, icon: Icon, title, text }) => (
        <label
          htmlFor={`from-${start}`}
          key={start}
          className={cn(
            "relative flex cursor-pointer gap-3 rounded-lg border bg-card p-3 hover:border-input has-focus-visible:outline-2 has-focus-visible:outline-ring has-focus-visible:outline-offset-2 sm:grid sm:content-start sm:gap-1.5",
            value === start && "border-accent bg-accent-soft",
          )}
        >
          <NativeRadio
            id={`from-${start}`}
            name="from"
            value={start}
            checked={value === start}
            onChange={() => onChange(start)}
            className="absolute top-3 right-3 accent-(--accent)"
          />
          <Icon aria-hidden className="size-5 stroke-[1.6] text-accent" />
          <span className="min-w-0 pr-5">
            <span className="block font-medium">{title}</span>
            <span className="block text-muted-foreground text-xs leading-relaxed">{text}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
