"use client";
import { Plus } from "lucide-react";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { FormError } from "@/components/account/form-error";
import { api } from "@/components/api";
import { Editor } from "@/components/code/editor";
import { Button } from "@/components/ui/button";
import { Dialog, DialogClose, DialogContent, DialogFooter, DialogTrigger } from "@/components/ui/dialog";
import { Form } from "@/components/unsaved/form";
import { useApi } from "@/components/use-api";
import { AdaptorField, NameFields, textsOf } from "./fields";

/** A new entry from code of one's own. */
export function EntryDialog({ projectId }: { projectId: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Dialog open={isOpen} onOpenChange={setOpen}>
      <DialogTrigger asChild>
        <Button>
          <Plus aria-hidden /> New entry
        </Button>
      </DialogTrigger>
      <DialogContent
        title="New entry"
        description="To make one of a job that is there, open the job in its workflow."
        className="w-[min(94vw,48rem)]"
      >
        <EntryForm projectId={projectId} onDone={() => setOpen(false)} />
      </DialogContent>
    </Dialog>
  );
}

function EntryForm({ projectId, onDone }: { projectId: string; onDone: () => void }) {
  const router = useRouter();
  const [body, setBody] = useState("fn(state => state);\n");
  const create = useApi({
    send: (form: FormData) =>
      api("POST /api/projects/[project]/library", {
        params: { project: projectId },
        body: { ...textsOf(form), adaptor: String(form.get("adaptor") ?? ""), body },
      }),
    message: "The entry is there.",
    done: ({ id }) => {
      onDone();
      router.push(`/p/${projectId}/library?entry=${id}`);
    },
    hasForm: true,
  });
  return (
    <Form
      saved={create.isSuccess}
      onSubmit={(event: FormEvent<HTMLFormElement>) => {
        event.preventDefault();
        create.mutate(new FormData(event.currentTarget));
      }}
      className="grid grid-cols-1 gap-4"
    >
      <NameFields />
      <AdaptorField />
      <div className="grid grid-cols-1 gap-1.5">
        <p className="font-medium text-[13px]">Code</p>
        <div className="overflow-hidden rounded-md border border-input/70">
          <Editor value={body} onChange={setBody} language="javascript" label="Code" height="30vh" />
        </div>
      </div>
      <FormError>{create.error?.message}</FormError>
      <DialogFooter className="mt-0">
        <DialogClose asChild>
          <Button variant="outline">Cancel</Button>
        </DialogClose>
        <Button type="submit" disabled={create.isPending}>
          Make the entry
        </Button>
      </DialogFooter>
    </Form>
  );
}
