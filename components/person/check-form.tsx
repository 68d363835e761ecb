"use client";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { FormError } from "@/components/account/form-error";
import { api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";

/** Says whether a key is one that the person of a certificate was known by. */
export function CheckForm({ projectId, certificateId }: { projectId: string; certificateId: string }) {
  const [text, setText] = useState("");
  const [path, setPath] = useState("");
  const check = useMutation({
    mutationFn: () =>
      api("POST /api/projects/[project]/certificates/[certificate]/check", {
        params: { project: projectId, certificate: certificateId },
        body: { key: path.trim() === "" ? { text } : { path: path.trim(), value: text } },
      }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    check.mutate();
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Name, number or address">
          <Input
            value={text}
            required
            autoComplete="off"
            onChange={(event) => {
              check.reset();
              setText(event.target.value);
            }}
          />
        </Field>
        <Field label="Path, when it was found by one">
          <Input
            value={path}
            className="font-mono"
            autoComplete="off"
            onChange={(event) => {
              check.reset();
              setPath(event.target.value);
            }}
          />
        </Field>
      </div>
      <FormError>{check.error?.message}</FormError>
      {check.data ? (
        <p role="status" className="text-sm">
          {check.data.isNamed ? "Yes: the person was known by this." : "No: this was not one of the keys."}
        </p>
      ) : null}
      <Button type="submit" variant="outline" className="justify-self-start" disabled={check.isPending}>
        Compare
      </Button>
    </form>
  );
}
