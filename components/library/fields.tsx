import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Textarea } from "@/components/ui/textarea";

type NameProps = { name?: string; description?: string | null };

/** Name and description of an entry, as fields of the form around. */
export const NameFields = ({ name = "", description = "" }: NameProps) => (
  <>
    <Field label="Name">
      <Input name="name" defaultValue={name} required maxLength={200} autoComplete="off" />
    </Field>
    <Field label="Description (optional)" hint="What it does, and what it expects of the state.">
      <Textarea name="description" defaultValue={description ?? ""} maxLength={2000} />
    </Field>
  </>
);

export const AdaptorField = () => (
  <Field label="Adaptor" hint="With a version or latest, such as @openfn/language-http@latest.">
    <Input
      name="adaptor"
      defaultValue="@openfn/language-common@latest"
      required
      maxLength={200}
      autoComplete="off"
      className="font-mono"
    />
  </Field>
);

/** What the fields above hold. */
export const textsOf = (form: FormData): { name: string; description: string | null } => ({
  name: String(form.get("name") ?? ""),
  description: String(form.get("description") ?? "").trim() || null,
});
