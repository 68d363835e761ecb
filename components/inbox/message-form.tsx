"use client";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { FormError } from "@/components/account/form-error";
import { ApiError } from "@/components/api";
import { Editor } from "@/components/code/editor";
import { Button } from "@/components/ui/button";
import { DialogClose, DialogFooter } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Form } from "@/components/unsaved/form";

export type WrittenMessage = { body: string; contentType?: string };

export type MessageFormProps = {
  /** What the body is now. */
  text: string;
  contentType: string;
  isJson: boolean;
  /** What the button says. */
  act: string;
  send: (message: WrittenMessage) => Promise<{ messageId: string }>;
  onSent: (messageId: string) => void;
};

/** A message as a person writes it: its type and its body. */
export function MessageForm({ text, isJson, act, onSent, ...props }: MessageFormProps) {
  const [body, setBody] = useState(() => (isJson ? pretty(text) : text));
  const [contentType, setContentType] = useState(props.contentType);
  const problem = isJson && contentType === props.contentType ? jsonProblem(body) : null;
  const send = useMutation({
    mutationFn: () =>
      props.send({ body, ...(contentType.trim() ? { contentType: contentType.trim() } : {}) }),
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
          {send.isPending ? "Sending…" : act}
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
