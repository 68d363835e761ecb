"use client";
import { CheckList } from "@/components/account/check-list";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "@/components/ui/select";
import { type TokenScope, tokenScopes } from "@/lib/words";

type Problems = Record<string, string[] | undefined>;

const terms = [
  ["30", "30 days"],
  ["90", "90 days"],
  ["365", "a year"],
  ["date", "until a day"],
  ["never", "until it is revoked"],
] as const;

export type ScopeHints = Record<TokenScope, string>;

type ScopeProps = {
  hints: ScopeHints;
  chosen: TokenScope[];
  onChange: (scopes: TokenScope[]) => void;
  problems: Problems;
};

/** What a token is to be made for. */
export const ScopeField = ({ hints, chosen, onChange, problems }: ScopeProps) => (
  <CheckList
    label="It may"
    options={tokenScopes.map((scope) => ({ id: scope, name: scope, hint: hints[scope] }))}
    chosen={chosen}
    onChange={(ids) => onChange(tokenScopes.filter((scope) => ids.includes(scope)))}
    error={problems.scopes}
  />
);

type TermProps = { term: string; onChange: (term: string) => void; problems: Problems };

/** For how long a token is good; until a day is the field `day` of the form. */
export const TermField = ({ term, onChange, problems }: TermProps) => (
  <>
    <Field label="Valid for">
      <Select value={term} onValueChange={onChange}>
        <SelectTrigger>
          <SelectValue />
        </SelectTrigger>
        <SelectContent>
          {terms.map(([value, label]) => (
            <SelectItem key={value} value={value}>
              {label}
            </SelectItem>
          ))}
        </SelectContent>
      </Select>
    </Field>
    {term === "date" ? (
      <Field label="Last day" error={problems.expiresAt}>
        <Input type="date" name="day" required />
      </Field>
    ) : null}
  </>
);

/** The chosen term as the API takes it; a day ends where the reader is. */
export function endOf(term: string, day: string): { expiresAt?: string; expiresInDays?: number } {
  if (term === "never") return {};
  return term === "date"
    ? { expiresAt: new Date(`${day}T23:59:59`).toISOString() }
    : { expiresInDays: Number(term) };
}
