"use client";
import { Check } from "lucide-react";
import Link from "next/link";
import type { ExampleRequest } from "./example-request";
import { SendCorner } from "./send/send-corner";

type Props = {
  place: { projectId: string; origin: string; inboxUrl: string };
  example: ExampleRequest;
  isEnabled: boolean;
  may: { create: boolean; update: boolean };
};

/** What stands in an inbox that has not received anything: a message to send, and the wait for it. */
export function EmptyInbox({ place, example, isEnabled, may }: Props) {
  return (
    <section
      aria-labelledby="first-message"
      className="mx-auto mt-4 max-w-3xl overflow-hidden rounded-lg border bg-card"
    >
      <div className="px-5 pt-5 pb-4 sm:px-7">
        <h2 id="first-message" className="font-semibold text-lg tracking-[-0.01em]">
          Send the first message
        </h2>
        <p className="mt-1 mb-4 max-w-prose text-muted-foreground leading-relaxed">
          Whatever is sent to the inbox URL is stored before it is answered, and every job that handles it
          leaves its state here. {may.create ? "Send this one from here, or from elsewhere," : "Send it"} and
          watch:
        </p>
        <SendCorner place={place} first={example} mayCreate={may.create} onSent={() => {}} />
      </div>
      <div className="tear mx-5 sm:mx-7" />
      <div className="grid gap-2 px-5 py-4 text-muted-foreground text-sm sm:px-7">
        {isEnabled ? (
          <p
            role="status"
            data-status="running"
            className="flex items-center gap-2.5 font-medium text-foreground"
          >
            <span aria-hidden className="relative flex size-2.5">
              <span className="absolute inline-flex size-full animate-ping rounded-full bg-(--status) opacity-60" />
              <span className="relative inline-flex size-2.5 rounded-full bg-(--status)" />
            </span>
            Waiting for your first message. It appears here by itself.
          </p>
        ) : (
          <p role="status" data-status="rejected" className="font-medium text-(--status)">
            The inbox URL is switched off: it refuses what others send.{" "}
            {may.update ? (
              <Link href={`/p/${place.projectId}/settings#inbox`} className="underline">
                Switch it on in the settings
              </Link>
            ) : (
              "An owner or admin can switch it on in the settings"
            )}
            .
          </p>
        )}
        <p className="flex gap-2.5">
          <Check aria-hidden className="mt-0.5 size-3.5 shrink-0" />
          JSON, forms, XML and any other text are accepted and kept byte for byte.
        </p>
      </div>
    </section>
  );
}
