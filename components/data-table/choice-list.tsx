"use client";
import { Select as Radix } from "radix-ui";
import { type Overlay, StandIn } from "@/components/ui/overlay";
import { Select, SelectContent, SelectGroup, SelectItem, SelectLabel } from "@/components/ui/select";

export type Choice = { value: string; label: string; group?: string };

type Props = {
  overlay: Overlay;
  all: string;
  value: string | null;
  choices: Choice[];
  onChange: (value: string | null) => void;
};

/** What a ChoiceFilter opens. */
export function ChoiceList({ overlay, all, value, choices, onChange }: Props) {
  const groups = [...new Set(choices.map((choice) => choice.group ?? ""))];
  return (
    <Select
      open={overlay.isOpen}
      onOpenChange={overlay.setOpen}
      value={value ?? "*"}
      onValueChange={(next) => onChange(next === "*" ? null : next)}
    >
      <Radix.Trigger asChild>
        <StandIn trigger={overlay.trigger} does={overlay.does} />
      </Radix.Trigger>
      <SelectContent>
        <SelectItem value="*">{all}</SelectItem>
        {groups.map((group) => (
          <SelectGroup key={group}>
            {group ? <SelectLabel>{group}</SelectLabel> : null}
            {choices
              .filter((choice) => (choice.group ?? "") === group)
              .map((choice) => (
                <SelectItem key={choice.value} value={choice.value}>
                  {choice.label}
                </SelectItem>
              ))}
          </SelectGroup>
        ))}
      </SelectContent>
    </Select>
  );
}
