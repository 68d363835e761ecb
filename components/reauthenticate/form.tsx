"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { CodeField } from "@/components/account/code-field";
import { FormError } from "@/components/account/form-error";
import { ApiError, api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { DialogFooter } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { OneMoment } from "@/components/ui/one-moment";
import { SignInAgain } from "./sign-in-again";
import { useWay, type Ways } from "./use-way";

type Props = { onDone: () => void; onCancel: () => void };

/** The password, a code of the second factor, or for who has neither another sign-in. */
export function ReauthenticateForm(props: Props) {
  const ways = useQuery({
    queryKey: ["reauthentication"],
    queryFn: ({ signal }) => api("GET /api/account/reauthentication", { signal }),
    gcTime: 0,
  });
  if (ways.error) return <FormError>{ways.error.message}</FormError>;
  if (!ways.data) return <OneMoment />;
  return ways.data.password || ways.data.code ? (
    <TypeIt ways={ways.data} {...props} />
  ) : (
    <SignInAgain ways={ways.data} {...props} />
  );
}

function TypeIt({ ways, onDone, onCancel }: Props & { ways: Ways }) {
  const { way, other, change } = useWay(ways);
  const prove = useMutation({
    mutationFn: (text: string) =>
      api("POST /api/account/reauthentication", {
        body: way === "password" ? { password: text } : { code: text },
      }),
    onSuccess: onDone,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    // In React's tree, though not in the page's, it may be inside the form that asked.
    event.stopPropagation();
    prove.mutate(String(new FormData(event.currentTarget).get(way) ?? ""));
  };
  const problem = prove.error instanceof ApiError ? prove.error.details?.[way] : undefined;
  return (
    <form onSubmit={submit} className="grid gap-4">
      {way === "password" ? (
        <Field label="Password" error={problem}>
          <Input type="password" name="password" autoComplete="current-password" required autoFocus />
        </Field>
      ) : (
        <CodeField label="Code from your app, or a backup code" error={problem} autoFocus />
      )}
      <FormError>{problem ? null : prove.error?.message}</FormError>
      {other ? (
        <Button
          variant="outline"
          className="justify-self-start"
          onClick={() => {
            prove.reset();
            change(other);
          }}
        >
          {other === "code" ? "Use a code instead" : "Use the password instead"}
        </Button>
      ) : null}
      <DialogFooter className="mt-1">
        <Button variant="outline" onClick={onCancel}>
          Cancel
        </Button>
        <Button type="submit" disabled={prove.isPending}>
          Go on
        </Button>
      </DialogFooter>
    </form>
  );
}
