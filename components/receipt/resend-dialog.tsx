"use client";
import { useQuery } from "@tanstack/react-query";
import { api, apiPath, getText, withQuery } from "@/components/api";
import { MessageForm } from "@/components/inbox/message-form";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { Skeleton } from "@/components/ui/skeleton";
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
  return (
    <MessageForm
      text={text}
      contentType={message.contentType ?? ""}
      isJson={message.format === "json"}
      act="Send as a new message"
      send={(body) =>
        api("POST /api/projects/[project]/messages/[id]/resend", {
          params: { project: message.projectId, id: message.id },
          body,
        })
      }
      onSent={onSent}
    />
  );
}
