"use client";
import { Check } from "lucide-react";
import { CopyButton } from "@/components/ui/copy-button";
import type { ExampleRequest } from "./example-request";

/** What stands in an inbox that has not received anything: the command that changes it, and the wait for it. */
export function EmptyInbox({ example, isEnabled }: { example: ExampleRequest; isEnabled: boolean }) {
  return (
    <section
      aria-labelledby="first-message"
      className="mx-auto mt-4 max-w-3xl overflow-hidden rounded-lg border bg-card"
    >
      <div className="px-5 pt-5 pb-4 sm:px-7">
        <h2 id="first-message" className="font-semibold text-lg tracking-[-0.01em]">
          Send the first message
        </h2>
        <p className="mt-1 max-w-prose text-muted-foreground leading-relaxed">
          Whatever is sent to the inbox URL is stored before it is answered, and every job that handles it
          leaves its state here. Send this line and watch:
        </p>
        <div className="mt-4 overflow-hidden rounded-md border bg-muted/60">
          <div className="flex items-center justify-between gap-2 border-b py-1 pr-1 pl-4">
            <span className="caption">In a terminal</span>
            <CopyButton text={example.curl} label="Copy the curl line" done="Copied the curl line" size="sm">
              Copy
            </CopyButton>
          </div>
          <pre
            // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls sideways must be reachable by keyboard
            tabIndex={0}
            className="overflow-x-auto px-4 py-3.5 font-mono text-[12.5px] leading-6 focus-visible:-outline-offset-2"
          >
            {example.curl}
          </pre>
        </div>
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
            The inbox URL is switched off. Switch it on in the settings before you send.
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
