"use client";
import { useEditorPlace, useEditorStore } from "@/components/editor/store";
import { targetFields } from "@/components/editor/target-fields";
import { useSaved } from "@/components/editor/trigger/saved";
import { Button } from "@/components/ui/button";
import { Address } from "@/components/workflows/address";
import type { DraftTrigger } from "@/lib/editor/graph";

/** Where senders send to, and since when it works. */
export function Addresses({ trigger }: { trigger: DraftTrigger }) {
  const store = useEditorStore();
  const { origin, projectId } = useEditorPlace();
  const saved = useSaved(trigger.id);
  const isLive = saved.trigger?.type === "webhook" && saved.trigger.enabled;
  return (
    <section aria-label="URL" className="grid gap-1.5">
      <h3 className="font-medium text-[13px]">URL</h3>
      {trigger.customPath ? (
        <Address
          name="By its path"
          url={`${origin}/i/${projectId}/${trigger.customPath}`}
          note={
            saved.trigger && saved.trigger.customPath !== trigger.customPath
              ? "Only once this draft is saved as a version."
              : undefined
          }
        />
      ) : null}
      <Address name={trigger.customPath ? "By its id" : null} url={`${origin}/i/${trigger.id}`} />
      <p className="text-muted-foreground text-xs">
        {isLive
          ? "It works: the saved version takes what comes here."
          : "It works once the trigger is saved as a version and switched on. Until then what comes here is refused."}{" "}
        Requests can reach this draft now, at its test URL.
      </p>
      <Button
        variant="outline"
        size="sm"
        className="justify-self-start"
        onClick={() => store.goToTry("url", targetFields.testUrl)}
      >
        Show the test URL
      </Button>
    </section>
  );
}
