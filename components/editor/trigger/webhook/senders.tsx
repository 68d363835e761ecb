"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { LockKeyhole, LockKeyholeOpen } from "lucide-react";
import Link from "next/link";
import { api } from "@/components/api";
import { useDraft, useEditorPlace, useEditorStore } from "@/components/editor/store";
import { useSaved } from "@/components/editor/trigger/saved";
import { AuthMethodDialog } from "@/components/senders/auth-method-dialog";
import { kindOf, provenBy } from "@/components/senders/method-words";
import { Button } from "@/components/ui/button";
import { Choice } from "@/components/ui/choice";
import { Skeleton } from "@/components/ui/skeleton";
import { toast } from "@/components/ui/toast";
import type { AuthMethodSummary } from "@/lib/domain/auth-method/list";
import { setTrigger } from "@/lib/editor/edits";
import type { DraftTrigger } from "@/lib/editor/graph";

const listed = 100;

/** How senders to the URL prove who they are. It belongs to the URL and not to a version: what is chosen counts at once. */
export function Senders({ trigger }: { trigger: DraftTrigger }) {
  const { projectId, may } = useEditorPlace();
  const { name } = useDraft();
  const isSaved = useSaved(trigger.id).trigger?.type === "webhook";
  const client = useQueryClient();
  const queryKey = ["auth-methods", projectId];
  const methods = useQuery({
    queryKey,
    queryFn: async ({ signal }) =>
      (
        await api("GET /api/projects/[project]/auth-methods", {
          params: { project: projectId },
          query: { limit: listed },
          signal,
        })
      ).items,
  });
  const refresh = () => client.invalidateQueries({ queryKey });
  const link = useMutation({
    mutationFn: ({ method, isOn }: { method: AuthMethodSummary; isOn: boolean }) =>
      api("PATCH /api/projects/[project]/auth-methods/[method]", {
        params: { project: projectId, method: method.id },
        body: {
          triggerIds: isOn
            ? [...method.triggerIds, trigger.id]
            : method.triggerIds.filter((id) => id !== trigger.id),
        },
      }),
    onError: (error) => toast.error(error.message),
    onSettled: refresh,
  });
  const isAsked = (method: AuthMethodSummary) => method.triggerIds.includes(trigger.id);
  const mayChange = may.senders && isSaved;
  return (
    <fieldset className="grid gap-2.5" disabled={link.isPending}>
      <legend className="mb-1.5 font-medium text-[13px]">Authentication of senders</legend>
      {methods.error ? <p role="alert">{methods.error.message}</p> : null}
      {methods.data ? (
        <>
          <Open isOpen={!methods.data.some(isAsked)} />
          {mayChange ? (
            methods.data.map((method) => (
              <Choice
                key={method.id}
                label={`${method.name} (${kindOf(method)}: ${provenBy(method)})`}
                isChecked={isAsked(method)}
                onChange={(isOn) => link.mutate({ method, isOn })}
              />
            ))
          ) : (
            <Asked methods={methods.data.filter(isAsked)} />
          )}
        </>
      ) : methods.error ? null : (
        <Skeleton className="h-9" />
      )}
      {mayChange ? (
        <div className="grid justify-items-start gap-1.5">
          <AuthMethodDialog
            projectId={projectId}
            webhooks={[{ id: trigger.id, name: name.trim() || "this workflow" }]}
            protects={trigger.id}
            onDone={refresh}
          />
          <p className="text-muted-foreground text-xs">
            What is chosen here counts at once, for the saved version. A sender needs one of them.
          </p>
        </div>
      ) : may.senders ? (
        <SaveFirst trigger={trigger} />
      ) : (
        <WhoMay />
      )}
    </fieldset>
  );
}

/** A method protects an address, which only a saved version has. */
function SaveFirst({ trigger }: { trigger: DraftTrigger }) {
  const store = useEditorStore();
  const { id, enabled } = trigger;
  const save = () => {
    if (enabled) store.edit(setTrigger(id, { enabled: false }));
    store.set({ asks: { kind: "promote" } });
  };
  return (
    <div className="grid justify-items-start gap-1.5">
      <p className="text-muted-foreground text-xs">
        Methods are chosen here once the webhook is saved, before it is switched on: so nobody sends unasked
        in between.
      </p>
      <Button variant="outline" size="sm" onClick={save}>
        {enabled ? "Switch it off and save it as a version…" : "Save it as a version…"}
      </Button>
    </div>
  );
}

function Open({ isOpen }: { isOpen: boolean }) {
  const Icon = isOpen ? LockKeyholeOpen : LockKeyhole;
  return (
    <p className="flex items-start gap-2 text-sm">
      <Icon aria-hidden className="mt-0.5 size-4 shrink-0 text-muted-foreground" />
      {isOpen ? "Everybody who knows the URL can send." : "Only senders with one of the methods chosen here."}
    </p>
  );
}

const Asked = ({ methods }: { methods: AuthMethodSummary[] }) =>
  methods.length === 0 ? null : (
    <ul className="list-disc pl-5 text-sm">
      {methods.map((method) => (
        <li key={method.id}>
          {method.name} ({kindOf(method)})
        </li>
      ))}
    </ul>
  );

/** Who can be asked, for whoever may not. */
function WhoMay() {
  const { projectId } = useEditorPlace();
  const { data } = useQuery({
    queryKey: ["members", projectId],
    queryFn: ({ signal }) =>
      api("GET /api/projects/[project]/members", {
        params: { project: projectId },
        query: { limit: listed },
        signal,
      }),
  });
  const names = (data?.items ?? [])
    .filter(({ role }) => role === "owner" || role === "admin")
    .map(({ name, email }) => name ?? email);
  return (
    <p className="text-muted-foreground text-xs">
      Owner and admins choose how senders prove who they are{names.length > 0 ? `: ${names.join(", ")}` : ""}.
      Who is in the project is under{" "}
      <Link href={`/p/${projectId}/collaborators`} className="underline underline-offset-3">
        Collaborators
      </Link>
      .
    </p>
  );
}
