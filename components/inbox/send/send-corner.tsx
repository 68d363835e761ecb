"use client";
import { useMutation } from "@tanstack/react-query";
import { Send } from "lucide-react";
import { useState } from "react";
import { ApiError, api } from "@/components/api";
import { CommandTabs } from "@/components/copy-as/command-tabs";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { formatCount } from "@/components/ui/format";
import { Input } from "@/components/ui/input";
import { RadioGroup, RadioItem } from "@/components/ui/radio";
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "@/components/ui/select";
import { Textarea } from "@/components/ui/textarea";
import { toast } from "@/components/ui/toast";
import { Form } from "@/components/unsaved/form";
import { type ExactJson, parseExact, stringifyExact } from "@/lib/exact-json";
import { type Kind, kindInfo, kinds, problemOf, sampleIn } from "./kinds";
import { type SendChoices, useSendChoices } from "./use-send-choices";

type Props = {
  place: { projectId: string; origin: string; inboxUrl: string };
  /** What is known already; the rest is asked for. */
  first: { url: string; body: string };
  /** Whether the viewer's role may put messages into the inbox. */
  mayCreate: boolean;
  onSent: (messageId: string) => void;
};

/** A message written here and sent from here, or said as a command for elsewhere. */
export function SendCorner({ place, first, mayCreate, onSent }: Props) {
  const { data } = useSendChoices(place, true);
  const choices: SendChoices = data ?? { destinations: [firstDestination(place, first)], body: first.body };
  const [to, setTo] = useState<string | null>(() => triggerOf(place, first));
  const [kind, setKind] = useState<Kind>("json");
  const [written, setWritten] = useState<string | null>(null);
  const [type, setType] = useState("");
  const destination =
    choices.destinations.find(({ triggerId }) => triggerId === to) ?? choices.destinations[0];
  const body = written ?? sampleIn(kind, recordOf(choices.body));
  const contentType = type.trim() || kindInfo[kind].contentType;
  const problem = problemOf(kind, body);
  const send = useMutation({
    mutationFn: () =>
      api("POST /api/projects/[project]/messages", {
        params: { project: place.projectId },
        body: { body, contentType, ...(to ? { triggerId: to } : {}) },
      }),
    onSuccess: ({ messageId, runIds }) => {
      toast.success(sentWords(runIds.length));
      onSent(messageId);
    },
  });
  if (!destination) return null;
  return (
    <Form
      saved={send.isSuccess}
      onSubmit={(event) => {
        event.preventDefault();
        send.mutate();
      }}
      className="grid grid-cols-1 gap-4"
    >
      <div className="flex flex-wrap items-end gap-x-5 gap-y-3">
        <RadioGroup
          aria-label="Written as"
          value={kind}
          onValueChange={(next) => {
            setKind(kinds.find((one) => one === next) ?? "json");
            setWritten(null);
            setType("");
          }}
          className="flex flex-wrap gap-x-4"
        >
          {kinds.map((one) => (
            <RadioItem key={one} value={one}>
              {kindInfo[one].label}
            </RadioItem>
          ))}
        </RadioGroup>
        {choices.destinations.length > 1 ? (
          <Field label="To" className="min-w-56">
            <Select value={to ?? "inbox"} onValueChange={(next) => setTo(next === "inbox" ? null : next)}>
              <SelectTrigger className="w-full">
                <SelectValue />
              </SelectTrigger>
              <SelectContent>
                {choices.destinations.map(({ triggerId, label }) => (
                  <SelectItem key={triggerId ?? "inbox"} value={triggerId ?? "inbox"}>
                    {label}
                  </SelectItem>
                ))}
              </SelectContent>
            </Select>
          </Field>
        ) : null}
        {kind === "other" ? (
          <Field label="Content type" className="min-w-56">
            <Input
              value={type}
              placeholder={kindInfo.other.contentType}
              onChange={(event) => setType(event.target.value)}
              className="font-mono"
            />
          </Field>
        ) : null}
      </div>
      <Field label="Message" hint={problem}>
        <Textarea
          value={body}
          onChange={(event) => setWritten(event.target.value)}
          rows={8}
          spellCheck={false}
          className="font-mono text-[12.5px]"
        />
      </Field>
      {send.error instanceof ApiError ? (
        <p role="alert" data-status="failed" className="text-(--status)">
          {send.error.message}
        </p>
      ) : null}
      {mayCreate ? (
        <div className="flex flex-wrap items-center gap-3">
          <Button type="submit" disabled={send.isPending}>
            <Send aria-hidden /> {send.isPending ? "Sending…" : "Send it"}
          </Button>
          <p className="min-w-0 flex-1 text-muted-foreground text-xs">
            As if a sender had sent it. No secret is asked for: your role lets it in.
          </p>
        </div>
      ) : null}
      <section aria-labelledby="from-elsewhere" className="grid min-w-0 grid-cols-1 gap-2">
        <h3 id="from-elsewhere" className="caption">
          The same from elsewhere
        </h3>
        <CommandTabs
          request={{
            method: "POST",
            url: destination.url,
            headers: [["content-type", contentType], ...destination.proof],
            body: { text: commandText(kind, body) },
          }}
        />
        {destination.proof.length > 0 ? (
          <p className="text-muted-foreground text-xs">
            This URL asks who sends: put the secret in the place of what stands between &lt; and &gt;.
          </p>
        ) : null}
      </section>
    </Form>
  );
}

/** JSON on one line is easier to paste. */
function commandText(kind: Kind, body: string): string {
  if (kind !== "json") return body;
  try {
    return stringifyExact(parseExact(body));
  } catch {
    return body;
  }
}

const sentWords = (runs: number): string =>
  runs === 0
    ? "Sent. It is in the inbox; no trigger asked for it."
    : `Sent. ${formatCount(runs, "workflow")} ${runs === 1 ? "has" : "have"} taken it.`;

const triggerOf = ({ origin, inboxUrl }: Props["place"], { url }: Props["first"]): string | null =>
  url === inboxUrl ? null : url.slice(`${origin}/i/`.length);

const firstDestination = (place: Props["place"], first: Props["first"]) => {
  const triggerId = triggerOf(place, first);
  return { triggerId, label: triggerId ? "Webhook" : "The project's inbox", url: first.url, proof: [] };
};

function recordOf(body: string): { [key: string]: ExactJson } {
  const value = parseExact(body);
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as { [key: string]: ExactJson })
    : {};
}
