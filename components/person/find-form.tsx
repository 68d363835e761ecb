"use client";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { FormError } from "@/components/account/form-error";
import { api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Label } from "@/components/ui/label";
import { Textarea } from "@/components/ui/textarea";
import { Form } from "@/components/unsaved/form";
import { useApi } from "@/components/use-api";

/** Starts a search for everything that holds one person's data. */
export function FindForm({ projectId }: { projectId: string }) {
  const router = useRouter();
  const [names, setNames] = useState("");
  const [isPart, setPart] = useState(false);
  const [path, setPath] = useState("");
  const [value, setValue] = useState("");
  const find = useApi({
    send: () =>
      api("POST /api/projects/[project]/persons", {
        params: { project: projectId },
        body: {
          keys: [
            ...names
              .split("\n")
              .filter((line) => line.trim() !== "")
              .map((text) => ({ text, isPart })),
            ...(path.trim() === "" ? [] : [{ path: path.trim(), value }]),
          ],
        },
      }),
    done: ({ id }) => router.push(`/p/${projectId}/persons/${id}`),
    hasForm: true,
    isRefreshed: false,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    find.mutate(undefined);
  };
  return (
    <Form onSubmit={submit} saved={find.isSuccess} className="grid gap-4">
      <Field
        label="What the person is known by"
        hint="Names, numbers, addresses: one a line, in any letter case. Everything is looked through for each of them, also in the form in which it was redacted at intake."
      >
        <Textarea
          rows={3}
          value={names}
          onChange={(event) => setNames(event.target.value)}
          autoComplete="off"
          spellCheck={false}
        />
      </Field>
      <div className="flex items-center gap-2">
        <Checkbox id="is-part" checked={isPart} onCheckedChange={setPart} />
        <Label htmlFor="is-part">Also where it is part of a longer word or number</Label>
      </div>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field
          label="Or a path"
          hint="Of messages and states, such as $.data.patient.id or $.headers['x-person']."
        >
          <Input
            value={path}
            onChange={(event) => setPath(event.target.value)}
            className="font-mono"
            autoComplete="off"
            spellCheck={false}
          />
        </Field>
        <Field label="and its value" hint="Logs, errors and the audit are looked through for names only.">
          <Input
            value={value}
            onChange={(event) => setValue(event.target.value)}
            autoComplete="off"
            spellCheck={false}
          />
        </Field>
      </div>
      <FormError>{find.error?.message}</FormError>
      <Button
        type="submit"
        className="justify-self-start"
        disabled={find.isPending || (names.trim() === "" && path.trim() === "")}
      >
        Find
      </Button>
    </Form>
  );
}
