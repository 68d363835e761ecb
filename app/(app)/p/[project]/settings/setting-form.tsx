"use client";
import type { FormEvent, ReactNode } from "react";
import { FormError } from "@/components/account/form-error";
import { Button } from "@/components/ui/button";
import { Form } from "@/components/unsaved/form";

type Props = {
  /** What its fields are about, for who does not see them. */
  legend: string;
  canUpdate: boolean;
  save: { mutate: (input: undefined) => void; isSuccess: boolean; isPending: boolean };
  /** What went wrong that no field says. */
  error: string | null | undefined;
  children: ReactNode;
};

/** The fields of one section of the settings, which are saved together; to who may not change them they are there to read. */
export function SettingForm({ legend, canUpdate, save, error, children }: Props) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(undefined);
  };
  return (
    <Form onSubmit={submit} saved={save.isSuccess}>
      <fieldset disabled={!canUpdate} className="grid gap-4">
        <legend className="sr-only">{legend}</legend>
        {children}
        <FormError>{error}</FormError>
        {canUpdate ? (
          <Button type="submit" className="justify-self-start" disabled={save.isPending}>
            Save
          </Button>
        ) : null}
      </fieldset>
    </Form>
  );
}
