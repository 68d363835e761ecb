import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";

type Props = { label?: string; error?: string[] | undefined; autoFocus?: boolean };

/** A code of the second factor. Not digits alone: a backup code goes here too. */
export function CodeField({ label = "Code", error, autoFocus }: Props) {
  return (
    <Field label={label} error={error}>
      <Input
        name="code"
        required
        minLength={6}
        maxLength={40}
        autoComplete="one-time-code"
        autoCapitalize="none"
        spellCheck={false}
        autoFocus={autoFocus ?? false}
        className="font-mono"
      />
    </Field>
  );
}
