"use client";
import { Plus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { FormError } from "@/components/account/form-error";
import { api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions, DialogContent, DialogTrigger } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Form } from "@/components/unsaved/form";
import { useApi } from "@/components/use-api";

/** `collection` is renamed; without it a new one is made. */
type Props = { projectId: string; collection?: { id: string; name: string } };

/** Makes a collection, or gives one another name. */
export function CollectionDialog(props: Props) {
  const { collection } = props;
  const [isOpen, setOpen] = useState(false);
  return (
    <Dialog open={isOpen} onOpenChange={setOpen}>
      <DialogTrigger asChild>
        {collection ? (
          <Button variant="outline" size="sm" aria-label={`Rename ${collection.name}`}>
            Rename
          </Button>
        ) : (
          <Button variant="outline">
            <Plus aria-hidden /> New collection
          </Button>
        )}
      </DialogTrigger>
      <DialogContent
        title={collection ? `Rename ${collection.name}` : "New collection"}
        description={
          collection
            ? "Jobs find it by its name: change it in their code, too."
            : "Jobs find it by its name, which is part of an address."
        }
      >
        <CollectionForm {...props} onDone={() => setOpen(false)} />
      </DialogContent>
    </Dialog>
  );
}

function CollectionForm({ projectId, collection, onDone }: Props & { onDone: () => void }) {
  const [name, setName] = useState(collection?.name ?? "");
  const save = useApi({
    send: async () => {
      const params = { project: projectId };
      if (collection)
        await api("PATCH /api/projects/[project]/collections/[collection]", {
          params: { ...params, collection: collection.id },
          body: { name },
        });
      else await api("POST /api/projects/[project]/collections", { params, body: { name } });
    },
    message: "The collection is saved.",
    hasForm: true,
    done: onDone,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(undefined);
  };
  return (
    <Form onSubmit={submit} saved={save.isSuccess} className="grid gap-4">
      <Field
        label="Name"
        hint="Small letters and digits, with -, _ or . between them."
        error={save.problems.name}
      >
        <Input
          value={name}
          onChange={(event) => setName(event.target.value)}
          required
          maxLength={100}
          autoComplete="off"
          spellCheck={false}
          placeholder="facility-ids"
        />
      </Field>
      <FormError>{save.problems.name ? null : save.error?.message}</FormError>
      <DialogActions submit={collection ? "Rename" : "Make collection"} disabled={save.isPending} />
    </Form>
  );
}
