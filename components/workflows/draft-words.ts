import type { DraftMark } from "@/lib/domain/draft/by-workflow";

/** Names that are shown; further drafts are counted. */
const most = 2;

/** Who changes a workflow just now: "has your draft", "Ben has a draft". */
export function draftWords(drafts: readonly DraftMark[]): string[] {
  const shown = drafts.slice(0, most);
  const words = shown.map(({ name, isMine }) => (isMine ? "has your draft" : `${name} has a draft`));
  const rest = drafts.length - shown.length;
  return rest > 0 ? [...words, rest === 1 ? "1 more draft" : `${rest} more drafts`] : words;
}
