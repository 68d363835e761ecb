import { useMemo } from "react";
import { limits } from "@/lib/limits";
import { searchTerms, type Term } from "@/lib/search/terms";

/** What the address searches for, as it is marked on a page; none for no search. */
export const useTerms = (text: string | null): Term[] =>
  useMemo(() => searchTerms((text ?? "").slice(0, limits.searchText)), [text]);
