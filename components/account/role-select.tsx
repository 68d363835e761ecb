"use client";
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "@/components/ui/select";
import type { Role } from "@/lib/words";

export type GivenRole = Exclude<Role, "owner">;
const given: GivenRole[] = ["admin", "editor", "viewer"];

type Props = {
  value: Role;
  onChange: (role: GivenRole) => void;
  /** Its name where no Field gives it one. */
  label?: string;
  disabled?: boolean;
};

/** The roles that can be given; the owner's is handed over instead. */
export function RoleSelect({ value, onChange, label, disabled }: Props) {
  const change = (next: string) => {
    const role = given.find((known) => known === next);
    if (role) onChange(role);
  };
  return (
    <Select value={value} onValueChange={change} disabled={disabled ?? false}>
      <SelectTrigger className={label ? "w-28" : undefined} {...(label ? { "aria-label": label } : {})}>
        <SelectValue />
      </SelectTrigger>
      <SelectContent>
        {given.map((role) => (
          <SelectItem key={role} value={role}>
            {role}
          </SelectItem>
        ))}
      </SelectContent>
    </Select>
  );
}
