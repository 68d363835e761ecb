import { sql } from "drizzle-orm";
import { rows } from "@/db/rows";
import type { ContentMaker } from "@/lib/domain/notice/contents";
import { env, publicUrl } from "@/lib/env";

type Off = { name: string; host: string; error: string | null; project: string };

/** A channel was switched off, because it took nothing any more. */
export const channelContent: ContentMaker = {
  async contentOf(db, { projectId, data: { channelId, isGone } }) {
    const [off] = await rows<Off>(
      db,
      sql`select c.name, c.host, c.last_error as error, p.name as project from notice_channels c
          join projects p on p.id = c.project_id
          where c.project_id = ${projectId} and c.id = ${String(channelId)}::uuid and c.disabled_at is not null`,
    );
    if (!off) return null;
    return {
      subject: `${off.name} gets no more notices of ${off.project}`,
      lead: isGone
        ? "The channel answered that it is gone, so it was switched off."
        : "For five days the channel took nothing of what was sent to it, so it was switched off.",
      facts: [
        { label: "Project", value: off.project },
        { label: "Channel", value: `${off.name} (${off.host})` },
      ],
      ...(off.error && { quote: off.error }),
      todo: "See what is wrong with it, test it, and switch it on again.",
      actions: [{ label: "Open the channels", url: `${publicUrl(env())}/p/${projectId}/settings#notices` }],
      stop: null,
    };
  },
};
