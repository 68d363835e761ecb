import type { NoticeKind } from "@/lib/words";
import type { ContentMaker } from "./contents";

/** Who makes each kind's text. A kind without one waits: an engine of another release may know it. */
export const makers: Partial<Record<NoticeKind, ContentMaker>> = {};
