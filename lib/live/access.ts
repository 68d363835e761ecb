import { z } from "zod";

/**
 * Whose access ended or changed, as the database's triggers tell it (db/migrations, access-notices): every stream that
 * fits all that is named ends, and its page connects again or is refused.
 */
const notice = z
  .object({ projectId: z.string(), userId: z.string(), sessionId: z.string(), tokenId: z.string() })
  .partial()
  .refine((one) => Object.values(one).some((id) => id !== undefined));

export type AccessNotice = z.infer<typeof notice>;

/** What a stream rides on. */
export type Holder = {
  projectId: string;
  userId: string | null;
  sessionId: string | null;
  tokenId: string | null;
};

/** Undefined for what no trigger of this release says. */
export function readNotice(payload: string): AccessNotice | undefined {
  try {
    return notice.safeParse(JSON.parse(payload)).data;
  } catch {
    return undefined;
  }
}

/** Whether the notice is about this stream. */
export const concernsHolder = (
  { projectId, userId, sessionId, tokenId }: AccessNotice,
  holder: Holder,
): boolean =>
  (projectId === undefined || projectId === holder.projectId) &&
  (userId === undefined || userId === holder.userId) &&
  (sessionId === undefined || sessionId === holder.sessionId) &&
  (tokenId === undefined || tokenId === holder.tokenId);
