"use client";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { FormError } from "@/components/account/form-error";
import { api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { Dialog, DialogClose, DialogContent, DialogFooter, DialogTrigger } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Form } from "@/components/unsaved/form";
import { useApi } from "@/components/use-api";

type Props = { projectId: string; dataclipId: string; name: string | null };

/** Names a stored input, which saves it; without a name it is as before. */
export function NameDialog({ projectId, dataclipId, name }: Props) {
  const [isOpen, setOpen] = useState(false);
  const runs = useQueryClient();
  const change = useApi({
    send: (next: string) =>
      api("PATCH /api/projects/[project]/dataclips/[id]", {
        params: { project: projectId, id: dataclipId },
        body: { name: next.trim() || null },
      }),
    message: (saved) => (saved.name ? "The input is saved." : "The input has no name any more."),
    done: () => {
      setOpen(false);
      void runs.invalidateQueries({ queryKey: ["run"] });
    },
    hasForm: true,
  });
  return (
    <Dialog open={isOpen} onOpenChange={setOpen}>
      <DialogTrigger asChild>
        <Button size="sm" variant="ghost">
          {name ? "Rename" : "Save this input"}
        </Button>
      </DialogTrigger>
      <DialogContent
        title={name ? `Rename ${name}` : "Save this input"}
        description="A saved input is offered for manual runs, and never wiped. Leave the name empty to take it away."
      >
        <Form
          saved={change.isSuccess}
          onSubmit={(event) => {
            event.preventDefault();
            change.mutate(String(new FormData(event.currentTarget).get("name") ?? ""));
          }}
          className="grid grid-cols-1 gap-4"
        >
          <Field label="Name">
            <Input name="name" defaultValue={name ?? ""} maxLength={200} autoComplete="off" />
          </Field>
          <FormError>{change.error?.message}</FormError>
          <DialogFooter className="mt-0">
            <DialogClose asChild>
              <Button variant="outline">Cancel</Button>
            </DialogClose>
            <Button type="submit" disabled={change.isPending}>
              Save
            </Button>
          </DialogFooter>
        </Form>
      </DialogContent>
    </Dialog>
  );
}
