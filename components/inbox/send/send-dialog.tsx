"use client";
import { Send } from "lucide-react";
import dynamic from "next/dynamic";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { Skeleton } from "@/components/ui/skeleton";

const SendPanel = dynamic(() => import("./send-panel").then((module) => module.SendPanel), {
  ssr: false,
  loading: () => <Skeleton className="h-64" />,
});

type Props = { place: { projectId: string; origin: string; inboxUrl: string }; mayCreate: boolean };

/** A message of one's own for one of the project's URLs, from here or from elsewhere. */
export function SendDialog({ place, mayCreate }: Props) {
  const [isOpen, setOpen] = useState(false);
  const router = useRouter();
  return (
    <>
      <Button variant="outline" onClick={() => setOpen(true)}>
        <Send aria-hidden /> Send a message
      </Button>
      <Dialog open={isOpen} onOpenChange={setOpen}>
        <DialogContent
          title="Send a message"
          description="It arrives as if a sender had sent it, and starts what asks for it."
          className="w-[min(94vw,56rem)]"
        >
          <SendPanel
            {...{ place, mayCreate }}
            onSent={(messageId) => {
              setOpen(false);
              router.push(`/p/${place.projectId}/inbox/${messageId}`);
            }}
          />
        </DialogContent>
      </Dialog>
    </>
  );
}
