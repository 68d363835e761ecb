"use client";
import { useState } from "react";
import { FormError } from "@/components/account/form-error";
import { api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { Dialog, DialogClose, DialogContent, DialogFooter, DialogTrigger } from "@/components/ui/dialog";
import { Form } from "@/components/unsaved/form";
import { useApi } from "@/components/use-api";
import type { LibraryJob } from "@/lib/domain/library/types";
import { NameFields, textsOf } from "./fields";

/** Another name or description; the code and the jobs stay as they are. */
export function AboutDialog({ projectId, entry }: { projectId: string; entry: LibraryJob }) {
  const [isOpen, setOpen] = useState(false);
  const update = useApi({
    send: (form: FormData) =>
      api("PATCH /api/projects/[project]/library/[entry]", {
        params: { project: projectId, entry: entry.id },
        body: textsOf(form),
      }),
    message: "Saved.",
    done: () => setOpen(false),
    hasForm: true,
  });
  return (
    <Dialog open={isOpen} onOpenChange={setOpen}>
      <DialogTrigger asChild>
        <Button variant="outline">Rename</Button>
      </DialogTrigger>
      <DialogContent title={`About ${entry.name}`} description="Jobs that are of it keep their own names.">
        <Form
          saved={update.isSuccess}
          onSubmit={(event) => {
            event.preventDefault();
            update.mutate(new FormData(event.currentTarget));
          }}
          className="grid grid-cols-1 gap-4"
        >
          <NameFields name={entry.name} description={entry.description} />
          <FormError>{update.error?.message}</FormError>
          <DialogFooter className="mt-0">
            <DialogClose asChild>
              <Button variant="outline">Cancel</Button>
            </DialogClose>
            <Button type="submit" disabled={update.isPending}>
              Save
            </Button>
          </DialogFooter>
        </Form>
      </DialogContent>
    </Dialog>
  );
}
