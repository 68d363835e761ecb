import { useMemo } from "react";
import { typed } from "@/lib/limits/typed.mjs";
import { searchTerms, type Term } from "@/lib/search/terms";

/** What the address searches for, as it is marked on a page; none for no search. */
export const useTerms = (text: string | null): Term[] =>
  useMemo(() => searchTerms((text ?? "").slice(0, typed.searchText)), [text]);
