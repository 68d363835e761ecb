"use client";
import { Switch } from "@/components/ui/switch";

type Props = { id: string; label: string; says: string; isOn: boolean; onChange: (isOn: boolean) => void };

/** A setting that is on or off, and what it means. */
export function SwitchField({ id, label, says, isOn, onChange }: Props) {
  return (
    <div className="flex items-start gap-3">
      <Switch
        id={id}
        checked={isOn}
        onCheckedChange={onChange}
        aria-describedby={`${id}-hint`}
        className="mt-0.5"
      />
      <div className="grid min-w-0 gap-0.5">
        <label htmlFor={id} className="font-medium text-[13px]">
          {label}
        </label>
        <p id={`${id}-hint`} className="text-muted-foreground text-xs">
          {says}
        </p>
      </div>
    </div>
  );
}
