"use client";
import { Plus } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { api } from "@/components/api";
import { MessageForm } from "@/components/inbox/message-form";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";

/** A message of one's own for the project's inbox, processed as if a sender had sent it. */
export function NewMessageDialog({ projectId }: { projectId: string }) {
  const [isOpen, setOpen] = useState(false);
  const router = useRouter();
  return (
    <>
      <Button variant="outline" onClick={() => setOpen(true)}>
        <Plus aria-hidden />
        New message
      </Button>
      <Dialog open={isOpen} onOpenChange={setOpen}>
        <DialogContent
          title="New message"
          description="Goes into this project's inbox as if a sender had sent it, and starts what asks for it."
          className="w-[min(94vw,56rem)]"
        >
          <MessageForm
            text="{}"
            contentType="application/json"
            isJson
            act="Put into the inbox"
            send={(body) =>
              api("POST /api/projects/[project]/messages", { params: { project: projectId }, body })
            }
            onSent={(messageId) => {
              setOpen(false);
              router.push(`/p/${projectId}/inbox/${messageId}`);
            }}
          />
        </DialogContent>
      </Dialog>
    </>
  );
}
