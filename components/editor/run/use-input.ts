"use client";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { useEditorPlace, useEditorStore } from "@/components/editor/store";
import { parseJson } from "@/components/runs/json-view";
import type { MessageDetail } from "@/lib/domain/message/types";
import type { ExactJson } from "@/lib/exact-json";
import { namedInput, type TestInput, takesMessages } from "./input";
import { keep, readKept } from "./kept";
import { inputQuery, type StoredInput } from "./stored-input";
import { useRecent } from "./use-recent";

/** Longer states are no sample, in characters of JSON. */
const maxSampleChars = 1_000_000;

/** The chosen input and the pasted text, kept until the tab is closed. */
export type Choice = {
  input: TestInput;
  json: string;
  /** Nobody has chosen yet, and what is suggested is still looked for. */
  isLooking: boolean;
  choose: (input: TestInput) => void;
  write: (json: string) => void;
};

/**
 * `isUnread`: neither the address nor the browser's store was read yet. `isOpen`: nobody has chosen; the newest message will
 * do as soon as there is one.
 */
type Chosen = { input: TestInput; json: string; isOpen: boolean; isUnread: boolean };

const suggestion = (json: string, id: string): Chosen => ({
  input: { kind: "message", id },
  json,
  isOpen: false,
  isUnread: false,
});

/** The newest message that a trigger of the draft takes, else the newest; null while it is not known, or not asked. */
function useSuggested(isWanted: boolean): { suggested: string | null; isLooking: boolean } {
  const { items, isSettled, problem } = useRecent(null, isWanted);
  const isLooking = isWanted && problem === null && (items === undefined || !isSettled);
  if (!isWanted || isLooking) return { suggested: null, isLooking };
  return { suggested: items?.find(({ row }) => row.wiped === null)?.row.id ?? null, isLooking };
}

const emptyJson = '{\n  "data": {}\n}\n';

/** What the draft is tried on: what the address names, what was chosen before, else what its triggers suggest. */
export function useChoice(): Choice {
  const place = useEditorPlace();
  const store = useEditorStore();
  const [chosen, setChosen] = useState<Chosen>(() => ({
    input: { kind: "none" },
    json: emptyJson,
    isOpen: false,
    isUnread: takesMessages(store.draft),
  }));
  // After hydration: neither the address nor the browser's store is the server's.
  useEffect(() => {
    const before = readKept(place);
    const named = namedInput(new URLSearchParams(location.search));
    setChosen({
      input: named ?? before?.input ?? { kind: "none" },
      json: before?.json || emptyJson,
      isOpen: !named && !before && takesMessages(store.draft),
      isUnread: false,
    });
  }, [place, store]);
  const { suggested, isLooking } = useSuggested(chosen.isOpen);
  useEffect(() => {
    if (suggested !== null) setChosen((now) => (now.isOpen ? suggestion(now.json, suggested) : now));
  }, [suggested]);
  const change = (next: { input: TestInput; json: string }) => {
    setChosen({ ...next, isOpen: false, isUnread: false });
    keep(place, next);
  };
  return {
    input: chosen.input,
    json: chosen.json,
    isLooking: chosen.isUnread || isLooking || suggested !== null,
    choose: (input) => change({ input, json: chosen.json }),
    write: (json) => change({ input: { kind: "json" }, json }),
  };
}

const noInput: StoredInput = { kind: "message", id: "" };

/** What of an input can be shown, and is handed to completions and filters. */
export type Shown = {
  isLoading: boolean;
  /** Why it cannot be shown. */
  problem: string | null;
  /** JSON text; null where there is none to show. */
  text: string | null;
  /** The same as a value, unless it is too much. */
  state: ExactJson | undefined;
  message: MessageDetail | null;
};

/** Reads the chosen input, and makes it the sample that completions and filters go by. */
export function useShown({ input, json }: Pick<Choice, "input" | "json">): Shown {
  const { projectId } = useEditorPlace();
  const store = useEditorStore();
  const stored = input.kind === "json" || input.kind === "none" ? null : input;
  const { data, error, isLoading } = useQuery({
    ...inputQuery(projectId, stored ?? noInput),
    enabled: stored !== null,
  });
  const shown = useMemo((): Shown => {
    const text = stored ? (data?.text ?? null) : input.kind === "json" ? json : null;
    const state = input.kind === "none" ? {} : parseJson(text ?? undefined);
    return { isLoading, problem: error?.message ?? null, text, state, message: data?.message ?? null };
  }, [stored, data, error, isLoading, input.kind, json]);
  const { state, text } = shown;
  const messageId = shown.message?.id ?? null;
  useEffect(() => {
    const isSmall = (text?.length ?? 0) <= maxSampleChars;
    store.setSample(state !== undefined && isSmall ? state : null, messageId);
  }, [store, state, text, messageId]);
  return shown;
}
