"use client";
import { useDeferredValue, useMemo, useState } from "react";
import { FormError } from "@/components/account/form-error";
import { api } from "@/components/api";
import { Editor } from "@/components/code/editor";
import { TextDifferenceView } from "@/components/code/text-difference";
import { Button } from "@/components/ui/button";
import { Dialog, DialogClose, DialogContent, DialogFooter, DialogTrigger } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { formatCount } from "@/components/ui/format";
import { Input } from "@/components/ui/input";
import { Form } from "@/components/unsaved/form";
import { useApi } from "@/components/use-api";
import { differenceOfTexts } from "@/lib/difference/lines";
import type { LibraryJob } from "@/lib/domain/library/types";
import { Takers } from "./takers";

type Props = { projectId: string; entry: LibraryJob };

/** A new version of an entry: its code, what it changes, and who takes it over. */
export function VersionDialog({ projectId, entry }: Props) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Dialog open={isOpen} onOpenChange={setOpen}>
      <DialogTrigger asChild>
        <Button>New version</Button>
      </DialogTrigger>
      <DialogContent
        title={`Version ${entry.version + 1} of ${entry.name}`}
        description="Jobs keep the version they have, but for the workflows that you choose."
        className="w-[min(94vw,56rem)]"
      >
        <VersionForm projectId={projectId} entry={entry} onDone={() => setOpen(false)} />
      </DialogContent>
    </Dialog>
  );
}

function VersionForm({ projectId, entry, onDone }: Props & { onDone: () => void }) {
  const [body, setBody] = useState(entry.body);
  const [adaptor, setAdaptor] = useState(entry.adaptor);
  const [note, setNote] = useState("");
  const [chosen, setChosen] = useState<string[]>([]);
  const settled = useDeferredValue(body);
  const difference = useMemo(() => differenceOfTexts(entry.body, settled), [entry.body, settled]);
  const isNew = body !== entry.body || adaptor.trim() !== entry.adaptor;
  const add = useApi({
    send: () =>
      api("POST /api/projects/[project]/library/[entry]/versions", {
        params: { project: projectId, entry: entry.id },
        body: {
          version: entry.version,
          body,
          adaptor: adaptor.trim(),
          note: note.trim() || null,
          ...(chosen.length > 0 ? { workflows: chosen } : {}),
        },
      }),
    message: ({ version, workflows }) =>
      `Version ${version} is there${workflows.length > 0 ? `, taken over by ${formatCount(workflows.length, "workflow")}` : ""}.`,
    done: onDone,
    hasForm: true,
  });
  return (
    <Form
      saved={add.isSuccess}
      onSubmit={(event) => {
        event.preventDefault();
        add.mutate(undefined);
      }}
      className="grid grid-cols-1 gap-4"
    >
      <div className="grid grid-cols-1 gap-1.5">
        <p className="font-medium text-[13px]">Code</p>
        <div className="overflow-hidden rounded-md border border-input/70">
          <Editor value={body} onChange={setBody} language="javascript" label="Code" height="34vh" />
        </div>
      </div>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Adaptor">
          <Input
            value={adaptor}
            onChange={(event) => setAdaptor(event.target.value)}
            required
            maxLength={200}
            autoComplete="off"
            className="font-mono"
          />
        </Field>
        <Field label="What is new (optional)">
          <Input
            value={note}
            onChange={(event) => setNote(event.target.value)}
            maxLength={500}
            autoComplete="off"
          />
        </Field>
      </div>
      {difference ? (
        <div className="grid grid-cols-1 gap-1">
          <p className="font-medium text-[13px]">What it changes</p>
          <TextDifferenceView difference={difference} label="What it changes" />
        </div>
      ) : null}
      {entry.uses.length > 0 ? <Takers uses={entry.uses} chosen={chosen} onChange={setChosen} /> : null}
      <FormError>{add.error?.message}</FormError>
      <DialogFooter className="mt-0">
        <DialogClose asChild>
          <Button variant="outline">Cancel</Button>
        </DialogClose>
        <Button type="submit" disabled={add.isPending || !isNew}>
          Add the version
        </Button>
      </DialogFooter>
    </Form>
  );
}
