"use client";
import { useQueryClient } from "@tanstack/react-query";
import { Bookmark } from "lucide-react";
import { useState } from "react";
import { FormError } from "@/components/account/form-error";
import { api } from "@/components/api";
import { useEditorPlace } from "@/components/editor/store";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions, DialogContent, DialogTrigger } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Form } from "@/components/unsaved/form";
import { useApi } from "@/components/use-api";
import type { SavedInput } from "@/lib/domain/dataclip/types";
import { type ExactJson, ExactNumber } from "@/lib/exact-json";

/** `state`: undefined while there is none that can be kept. */
type Props = { state: ExactJson | undefined; onSaved: (saved: SavedInput) => void };

/** Keeps the chosen input under a name; it is offered to everybody in the project, and never wiped. */
export function SaveInput({ state, onSaved }: Props) {
  const { projectId } = useEditorPlace();
  const client = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const save = useApi({
    send: (name: string) =>
      api("POST /api/projects/[project]/dataclips", {
        params: { project: projectId },
        body: { name, json: state ?? null },
      }),
    message: ({ name }) => `Saved as ${name}.`,
    done: (saved) => {
      setOpen(false);
      onSaved(saved);
      void client.invalidateQueries({ queryKey: ["saved-inputs"] });
    },
    hasForm: true,
    isRefreshed: false,
  });
  return (
    <Dialog open={isOpen} onOpenChange={setOpen}>
      <DialogTrigger asChild>
        <Button size="sm" variant="ghost" disabled={!isObject(state)}>
          <Bookmark aria-hidden /> Save this input
        </Button>
      </DialogTrigger>
      <DialogContent
        title="Save this input"
        description="A saved input is offered to everybody in the project, for tests and for runs by hand, and never wiped."
      >
        <Form
          saved={save.isSuccess}
          onSubmit={(event) => {
            event.preventDefault();
            save.mutate(String(new FormData(event.currentTarget).get("name") ?? ""));
          }}
          className="grid grid-cols-1 gap-4"
        >
          <Field label="Name" error={save.problems.name}>
            <Input name="name" required maxLength={200} autoComplete="off" />
          </Field>
          <FormError>{save.error?.message}</FormError>
          <DialogActions submit="Save" disabled={save.isPending} />
        </Form>
      </DialogContent>
    </Dialog>
  );
}

const isObject = (state: ExactJson | undefined): boolean =>
  typeof state === "object" && state !== null && !Array.isArray(state) && !(state instanceof ExactNumber);
