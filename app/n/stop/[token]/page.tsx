import type { Metadata } from "next";
import { Entrance, EntranceTitle } from "@/components/account/entrance";
import { database } from "@/db/client";
import { shownByLink } from "@/lib/domain/notice/stop/answer";
import { StopNotices } from "./client";

export const metadata: Metadata = { title: "Stop these mails", referrer: "no-referrer" };

type Props = { params: Promise<{ token: string }> };

export default async function StopPage({ params }: Props) {
  const { token } = await params;
  const found = await shownByLink(database().db, token);
  return (
    <Entrance>
      {found ? (
        <StopNotices token={token} found={found} />
      ) : (
        <EntranceTitle title="There is nothing to stop">
          The link is incomplete, or its reader is no member of the project any more: then nothing is sent.
        </EntranceTitle>
      )}
    </Entrance>
  );
}
