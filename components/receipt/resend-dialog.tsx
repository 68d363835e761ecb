"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { FormError } from "@/components/account/form-error";
import { ApiError, api, apiPath, getText, withQuery } from "@/components/api";
import { Editor } from "@/components/code/editor";
import { Button } from "@/components/ui/button";
import { Dialog, DialogClose, DialogContent, DialogFooter } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Skeleton } from "@/components/ui/skeleton";
import { Form } from "@/components/unsaved/form";
import type { MessageDetail } from "@/lib/domain/message/types";

export type ResendDialogProps = {
  message: MessageDetail;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onSent: (messageId: string) => void;
};

/** An edited copy, sent as a new message to where the first one went. The original stays as it was. */
export function ResendDialog({ message, open, onOpenChange, onSent }: ResendDialogProps) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent
        title="Edit and resend"
        description="Sends an edited copy as a new message, with the same headers. The original stays as it is."
        className="w-[min(94vw,56rem)]"
      >
        <WithBody {...{ message, onSent }} />
      </DialogContent>
    </Dialog>
  );
}

type FormProps = Pick<ResendDialogProps, "message" | "onSent">;

function WithBody(props: FormProps) {
  const { message } = props;
  const whole = useQuery({
    queryKey: ["message-body", message.id],
    queryFn: ({ signal }) =>
      getText(
        withQuery(
          apiPath("/api/projects/[project]/messages/[id]/body", {
            project: message.projectId,
            id: message.id,
          }),
          { as: "text" },
        ),
        signal,
      ),
    enabled: message.body.truncated,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const text = message.body.truncated ? whole.data : message.body.content;
  if (text === undefined && whole.error) return <p role="alert">{whole.error.message}</p>;
  if (text === undefined) return <Skeleton className="h-64" />;
  return <ResendForm {...props} text={text} />;
}

function ResendForm({ message, onSent, text }: FormProps & { text: string }) {
  const isJson = message.format === "json";
  const [body, setBody] = useState(() => (isJson ? pretty(text) : text));
  const [contentType, setContentType] = useState(message.contentType ?? "");
  const problem = isJson ? jsonProblem(body) : null;
  const send = useMutation({
    mutationFn: () =>
      api("POST /api/projects/[project]/messages/[id]/resend", {
        params: { project: message.projectId, id: message.id },
        body: { body, ...(contentType.trim() ? { contentType: contentType.trim() } : {}) },
      }),
    onSuccess: (result) => onSent(result.messageId),
  });
  const error = send.error instanceof ApiError ? send.error.message : null;
  return (
    <Form
      saved={send.isSuccess}
      onSubmit={(event) => {
        event.preventDefault();
        send.mutate();
      }}
      className="grid gap-4"
    >
      <Field label="Content type">
        <Input
          value={contentType}
          onChange={(event) => setContentType(event.target.value)}
          className="font-mono"
        />
      </Field>
      <div className="grid gap-1.5">
        <p className="font-medium text-[13px]">Body</p>
        <div className="overflow-hidden rounded-md border border-input/70">
          <Editor
            value={body}
            onChange={setBody}
            language={isJson ? "json" : "text"}
            label="Body"
            height="44vh"
          />
        </div>
        {problem ? (
          <p role="status" data-status="rejected" className="text-(--status) text-xs">
            This is not valid JSON: {problem}
          </p>
        ) : null}
      </div>
      <FormError>{error}</FormError>
      <DialogFooter className="mt-0">
        <DialogClose asChild>
          <Button variant="outline">Cancel</Button>
        </DialogClose>
        <Button type="submit" disabled={send.isPending}>
          {send.isPending ? "Sending…" : "Send as a new message"}
        </Button>
      </DialogFooter>
    </Form>
  );
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function jsonProblem(text: string): string | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : "it does not parse.";
  }
}
