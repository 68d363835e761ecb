"use client";
import { type ComponentProps, type FormEvent, useEffect, useState } from "react";
import { usePlace } from "./place";
import { FormTexts } from "./registry";

type FormProps = ComponentProps<"form"> & {
  onSubmit: (event: FormEvent<HTMLFormElement>) => void;
  /** True once what was submitted last is saved, such as a mutation's `isSuccess`. */
  saved: boolean;
};

/** A form whose texts are not lost: who would leave it with some that are not saved is asked first. */
export function Form({ saved, onSubmit, onFocus, onInput, ...props }: FormProps) {
  const place = usePlace();
  const [texts] = useState(() => new FormTexts());
  useEffect(() => place.include(() => texts.isUnsaved), [place, texts]);
  useEffect(() => {
    if (saved) texts.saved();
  }, [saved, texts]);
  return (
    <form
      {...props}
      onFocus={(event) => {
        const field = fieldOf(event.target, event.currentTarget);
        if (field) texts.begin(field, field.value);
        onFocus?.(event);
      }}
      onInput={(event) => {
        const field = fieldOf(event.target, event.currentTarget);
        if (field) {
          texts.type(field, field.value);
          place.touch();
        }
        onInput?.(event);
      }}
      onSubmit={(event) => {
        texts.send();
        onSubmit(event);
      }}
    />
  );
}

/** A field with text of this form itself: React's events also come from dialogs that are elsewhere in the document. */
const fieldOf = (target: EventTarget, form: HTMLFormElement) =>
  (target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement) && form.contains(target)
    ? target
    : null;
