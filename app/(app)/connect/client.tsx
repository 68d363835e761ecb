"use client";
import { CircleCheck, LoaderCircle } from "lucide-react";
import Link from "next/link";
import { useEffect, useRef } from "react";
import { FormError } from "@/components/account/form-error";
import { api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { Card, CardContent } from "@/components/ui/card";
import { useApi } from "@/components/use-api";

type Answer = { state: string | undefined; code: string | undefined; error: string | undefined };

/** Hands the service's answer on, once, and says what came of it. */
export function Connecting({ answer: { state, code, error } }: { answer: Answer }) {
  const connect = useApi({
    send: (given: string) =>
      api("POST /api/account/connections", {
        body: { state: given, ...(code ? { code } : {}), ...(error ? { error: error.slice(0, 200) } : {}) },
      }),
    hasForm: true,
    isRefreshed: false,
  });
  const isSent = useRef(false);
  const { mutate } = connect;
  useEffect(() => {
    if (isSent.current || !state) return;
    isSent.current = true;
    // The code is not to stand in the browser's history.
    window.history.replaceState(null, "", "/connect");
    mutate(state);
  }, [state, mutate]);
  const { data } = connect;
  const back = data?.projectId ? `/p/${data.projectId}/credentials` : "/account#credentials";
  return (
    <Card>
      <CardContent className="grid gap-4 py-6">
        {data ? (
          <p className="flex items-center gap-2" role="status">
            <CircleCheck aria-hidden className="size-5 text-accent" />
            {data.isNew ? `${data.name} is connected.` : `${data.name} is connected again.`}
          </p>
        ) : null}
        {connect.isPending || (!data && !connect.error && state) ? (
          <p className="flex items-center gap-2 text-muted-foreground" role="status">
            <LoaderCircle aria-hidden className="size-5 animate-spin" /> Fetching the tokens
          </p>
        ) : null}
        <FormError>
          {state
            ? connect.error?.message
            : "A service sends you here when you connect a credential. Begin on your account page."}
        </FormError>
        {data || connect.error || !state ? (
          <Button asChild variant={data ? "primary" : "outline"} className="justify-self-start">
            <Link href={back}>To the credentials</Link>
          </Button>
        ) : null}
      </CardContent>
    </Card>
  );
}
