"use client";
import { api } from "@/components/api";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { useApi } from "@/components/use-api";
import type { NoticeItem } from "@/lib/domain/notice/list";
import { titleOf, toWords } from "./told-words";

type Props = { projectId: string; notice: NoticeItem };

/** Sends what failed once more; asks first where it may arrive twice. */
export function SendAgain({ projectId, notice }: Props) {
  const again = useApi({
    send: () =>
      api("POST /api/projects/[project]/notices/[notice]/again", {
        params: { project: projectId, notice: notice.id },
      }),
    message: "It is sent again.",
  });
  const send = () => again.mutate(undefined);
  const isSure = notice.state === "failed";
  const button = (
    <Button
      variant="outline"
      size="sm"
      aria-label={`Send again to ${toWords(notice)}: ${titleOf(notice)}`}
      disabled={again.isPending}
      {...(isSure && { onClick: send })}
    >
      Send again
    </Button>
  );
  if (isSure) return button;
  return (
    <Confirm
      trigger={button}
      title="Send it again?"
      description={`Nobody knows whether it arrived. If it did, ${toWords(notice)} gets it twice.`}
      action="Send again"
      onConfirm={send}
    />
  );
}
