"use client";
import { Field } from "@/components/ui/field";
import { formatPrecise, shortId } from "@/components/ui/format";
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "@/components/ui/select";
import { Skeleton } from "@/components/ui/skeleton";
import type { FilterPreview } from "@/lib/domain/message/filter-preview";
import type { MessageRow } from "@/lib/domain/message/types";
import type { Sample } from "./use-sample";

type Props = { sample: Sample; matching: FilterPreview["samples"] };

const shared = "shared";

/** The newest messages, those that match first. */
export function SampleChooser({ sample: { messages, messageId, choose, data, problem }, matching }: Props) {
  if (messages === undefined) return problem ? <p role="alert">{problem}</p> : <Skeleton className="h-9" />;
  const matches = new Map(matching.map((one) => [one.messageId, one.matches]));
  const rank = ({ id }: MessageRow) => (matches.get(id) ? 0 : 1);
  const listed = messages.filter(({ wiped }) => !wiped).toSorted((one, other) => rank(one) - rank(other));
  if (listed.length === 0 && data === undefined)
    return (
      <p className="text-muted-foreground text-sm">
        No message has come yet. As soon as one is there it is shown here; until then conditions can be
        written as JSON.
      </p>
    );
  const isListed = listed.some(({ id }) => id === messageId);
  return (
    <Field label="Message" error={problem}>
      <Select
        value={isListed && messageId ? messageId : shared}
        onValueChange={(id) => id !== shared && choose(id)}
      >
        <SelectTrigger>
          <SelectValue />
        </SelectTrigger>
        <SelectContent>
          {isListed ? null : <SelectItem value={shared}>What the draft is tried on</SelectItem>}
          {listed.map((row) => (
            <SelectItem key={row.id} value={row.id}>
              {optionWords(row, matches.get(row.id) ?? false)}
            </SelectItem>
          ))}
        </SelectContent>
      </Select>
    </Field>
  );
}

function optionWords({ id, receivedAt, preview, triggerId }: MessageRow, matches: boolean): string {
  const parts = [
    `${formatPrecise(new Date(receivedAt), Date.now())}, ${shortId(id)}`,
    matches ? "matches" : "",
    triggerId === null ? "" : "not to the inbox URL",
    preview.slice(0, 60),
  ];
  return parts.filter(Boolean).join(" · ");
}
