"use client";
import { Field } from "@/components/ui/field";
import { Textarea } from "@/components/ui/textarea";

type Props = {
  label: string;
  /** What an empty list means. */
  empty: string;
  value: string;
  onChange: (text: string) => void;
  error: string | string[] | undefined;
};

/** A list of hosts, written one a line. `hostsOf` reads it, `hostsProblem` finds what the API says about it. */
export function HostsField({ label, empty, value, onChange, error }: Props) {
  return (
    <Field
      label={label}
      hint={`One a line, such as api.example.org or api.example.org:8443. Empty: ${empty}.`}
      error={error}
    >
      <Textarea
        value={value}
        onChange={(event) => onChange(event.target.value)}
        spellCheck={false}
        autoComplete="off"
        className="font-mono text-xs"
      />
    </Field>
  );
}

/** The hosts in a text, null when it names none. */
export function hostsOf(text: string): string[] | null {
  const listed = text.split(/[\s,]+/).filter(Boolean);
  return listed.length > 0 ? listed : null;
}

const maxShown = 3;

/** A list of hosts in a line of text. */
export function shownHosts(hosts: string[]): string {
  const more = hosts.length - maxShown;
  return hosts.slice(0, maxShown).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** The API's sentences about a list of hosts or an entry of it. */
export const hostsProblem = (problems: Record<string, string[]>, field: string): string[] | undefined =>
  Object.entries(problems).find(([path]) => path === field || path.startsWith(`${field}.`))?.[1];
