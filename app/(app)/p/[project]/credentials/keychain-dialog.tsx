"use client";
import { Plus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { FormError } from "@/components/account/form-error";
import { api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions, DialogContent, DialogTrigger } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "@/components/ui/select";
import { Form } from "@/components/unsaved/form";
import { useApi } from "@/components/use-api";
import type { KeychainSummary } from "@/lib/domain/keychain/list";

type Props = {
  projectId: string;
  credentials: { id: string; name: string }[];
  /** Edits this one; makes a new one without it. */
  keychain?: KeychainSummary;
};

/** Makes or changes a keychain of the project. */
export function KeychainDialog(props: Props) {
  const { keychain } = props;
  const [isOpen, setOpen] = useState(false);
  return (
    <Dialog open={isOpen} onOpenChange={setOpen}>
      <DialogTrigger asChild>
        {keychain ? (
          <Button variant="outline" size="sm" aria-label={`Edit ${keychain.name}`}>
            Edit
          </Button>
        ) : (
          <Button variant="outline">
            <Plus aria-hidden /> New keychain
          </Button>
        )}
      </DialogTrigger>
      <DialogContent
        title={keychain ? `Edit ${keychain.name}` : "New keychain"}
        description="Where two different values, or two credentials with one external id, are found, the step fails and says so."
      >
        <KeychainForm {...props} onDone={() => setOpen(false)} />
      </DialogContent>
    </Dialog>
  );
}

const none = "none";

function KeychainForm({ projectId, credentials, keychain, onDone }: Props & { onDone: () => void }) {
  const [name, setName] = useState(keychain?.name ?? "");
  const [path, setPath] = useState(keychain?.path ?? "$.data.");
  const [chosen, setChosen] = useState(keychain?.default?.id ?? none);
  const save = useApi({
    send: async () => {
      const body = { name, path, defaultProjectCredentialId: chosen === none ? null : chosen };
      const params = { project: projectId };
      if (keychain)
        await api("PATCH /api/projects/[project]/keychains/[keychain]", {
          params: { ...params, keychain: keychain.id },
          body,
        });
      else await api("POST /api/projects/[project]/keychains", { params, body });
    },
    message: "The keychain is saved.",
    hasForm: true,
    done: onDone,
  });
  const { problems } = save;
  const isShownAbove = problems.name || problems.path || problems.defaultProjectCredentialId;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(undefined);
  };
  return (
    <Form onSubmit={submit} saved={save.isSuccess} className="grid gap-4">
      <Field label="Name" error={problems.name}>
        <Input
          value={name}
          onChange={(event) => setName(event.target.value)}
          required
          maxLength={100}
          autoComplete="off"
          placeholder="By facility"
        />
      </Field>
      <Field
        label="Path"
        hint="From the state that a step begins with to the external id, such as $.data.facility."
        error={problems.path}
      >
        <Input
          value={path}
          onChange={(event) => setPath(event.target.value)}
          required
          maxLength={256}
          autoComplete="off"
          spellCheck={false}
          className="font-mono text-xs"
        />
      </Field>
      <Field
        label="Default"
        hint="Where nothing stands there, or no credential has it."
        error={problems.defaultProjectCredentialId}
      >
        <Select value={chosen} onValueChange={setChosen}>
          <SelectTrigger>
            <SelectValue />
          </SelectTrigger>
          <SelectContent>
            <SelectItem value={none}>None: the step fails</SelectItem>
            {credentials.map(({ id, name: named }) => (
              <SelectItem key={id} value={id}>
                {named}
              </SelectItem>
            ))}
          </SelectContent>
        </Select>
      </Field>
      <FormError>{isShownAbove ? null : save.error?.message}</FormError>
      <DialogActions submit="Save keychain" disabled={save.isPending} />
    </Form>
  );
}
