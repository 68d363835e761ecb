"use client";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { useApi } from "@/components/use-api";
import type { RefusedRow } from "@/lib/domain/refused/types";

type Props = {
  projectId: string;
  request: Pick<RefusedRow, "id" | "cause" | "hasBody" | "acceptedAt" | "preview" | "messageId">;
  size?: "sm";
};

/** Takes a refused request after all; what is there already is only linked. */
export function AcceptButton({ projectId, request, size }: Props) {
  const router = useRouter();
  const accept = useApi({
    send: () =>
      api("POST /api/projects/[project]/refused/[id]/accept", {
        params: { project: projectId, id: request.id },
      }),
    message: ({ runIds }) =>
      runIds.length === 0
        ? "Accepted. No trigger matched it."
        : `Accepted. ${runIds.length === 1 ? "One run has" : `${runIds.length} runs have`} been queued.`,
    done: ({ messageId }) => router.push(`/p/${projectId}/inbox/${messageId}`),
  });
  const messageId = request.acceptedAt ? request.id : request.messageId;
  const sized = size ? { size } : {};
  if (messageId)
    return (
      <Button asChild variant="outline" {...sized}>
        <Link href={`/p/${projectId}/inbox/${messageId}`}>Open the message</Link>
      </Button>
    );
  if (!request.hasBody) return null;
  return (
    <Confirm
      trigger={
        <Button variant="outline" disabled={accept.isPending} {...sized}>
          Accept…
        </Button>
      }
      title="Accept this request?"
      description={`${warnings[request.cause] ?? ""} It becomes a message that came when it did, and starts what triggers ask for now. ${request.preview ? `It begins: ${request.preview.slice(0, 120)}` : ""}`.trim()}
      action="Accept and process"
      onConfirm={() => accept.mutate(undefined)}
    />
  );
}

const again = "Its sender may have sent it again since: then it is processed twice.";
const unknown = "Nobody has proved who sent it: look at what it says first.";
const warnings: Partial<Record<RefusedRow["cause"], string>> = {
  no_credentials: unknown,
  wrong_credentials: unknown,
  wrong_signature: unknown,
  too_many: again,
  plan: again,
  backlog: again,
  disabled: again,
};
