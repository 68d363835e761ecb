import { createLoader, parseAsString, parseAsStringLiteral } from "nuqs/server";
import { noticeStates } from "@/lib/words";

/** The list's filter in the URL. */
export const noticeListParams = {
  state: parseAsStringLiteral([...noticeStates, "unsent"]),
  cursor: parseAsString,
};

export const loadNoticeListParams = createLoader(noticeListParams);
