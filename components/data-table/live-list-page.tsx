"use client";
import { Keyboard } from "lucide-react";
import { type ReactNode, useCallback, useState } from "react";
import { compact } from "@/components/query";
import { Button } from "@/components/ui/button";
import { PageHeader } from "@/components/ui/page-header";
import { PageSkeleton } from "@/components/ui/skeleton";
import type { Page } from "@/lib/domain/page";
import { timeOfId } from "@/lib/time-ordered-id";
import type { LiveTopic } from "@/lib/words";
import { HeldRows, isPageAtTop, ListFoot } from "./list-foot";
import { ListProblem, NothingMatches } from "./list-states";
import { LiveSwitch } from "./live-switch";
import type { Row } from "./pages";
import { SearchProgress } from "./search-progress";
import { ShortcutHelp } from "./shortcut-help";
import { type Reading, useLiveList } from "./use-live-list";
import { moveFocus, useShortcuts } from "./use-shortcuts";

/** A filter as it stands in the URL. */
type Params = Record<string, string | null>;
/** What a page of the list is asked with. */
export type ListQuery<P extends Params> = { [K in keyof P]?: NonNullable<P[K]> } & {
  cursor: string | null;
  limit: number;
};

export type LiveListPageProps<T extends Row, P extends Params> = {
  title: string;
  /** What a row is called in sentences, and what opening one opens. */
  noun: string;
  opens: string;
  projectId: string;
  topic: LiveTopic;
  /** Reads a page. The same function as long as the list is the same. */
  fetchPage: (query: ListQuery<P>, signal?: AbortSignal, reading?: Reading<T>) => Promise<Page<T>>;
  /** The filter as it is now. */
  params: P;
  /** What the server rendered, and the filter it did so for; null: the page reads all of it itself. */
  initial: Page<T> | null;
  initialParams: P;
  onClearFilter: () => void;
  /** The controls of the filter; `searchId` is the id of the one that "/" goes to. */
  filters: ReactNode;
  searchId?: string;
  /** Beside the live switch. */
  actions?: ReactNode;
  /** Instead of the table, when there is nothing yet. */
  empty: ReactNode;
  /** Above the table. */
  notice?: ReactNode;
  /** A text is searched for: pages may be short, come in parts, and lead further back all the same. */
  isSearch?: boolean;
  /** Below the table: the word that there are no older rows. */
  end: string;
  table: (rows: T[], freshIds: ReadonlySet<string>) => ReactNode;
};

/** How far back a search has come, by the time in the id that it goes on below. */
const searchFoot = (readTo: string | null) => ({
  older: "Search further back",
  ...(readTo ? { searchedTo: timeOfId(readTo) } : {}),
});

/** A filtered list of a project that keeps itself current: header, filter, table, foot and keyboard. */
export function LiveListPage<T extends Row, P extends Params>(props: LiveListPageProps<T, P>) {
  const { projectId, topic, noun, searchId, fetchPage: fetchFiltered } = props;
  const [paused, setPaused] = useState(false);
  const [isHelpOpen, setHelpOpen] = useState(false);
  const filterKey = JSON.stringify(compact(props.params));
  const fetchPage = useCallback(
    (cursor: string | null, signal?: AbortSignal, reading?: Reading<T>) => {
      const filter: { [K in keyof P]?: NonNullable<P[K]> } = JSON.parse(filterKey);
      return fetchFiltered({ ...filter, cursor, limit: 50 }, signal, reading);
    },
    [fetchFiltered, filterKey],
  );
  const list = useLiveList<T>({
    projectId,
    topic,
    filterKey,
    initial: props.initial,
    initialKey: JSON.stringify(compact(props.initialParams)),
    fetchPage,
    isSearch: props.isSearch === true,
    paused,
    isAtTop: isPageAtTop,
  });
  const openHelp = () => setHelpOpen(true);
  const pause = (isPaused: boolean) => {
    setPaused(isPaused);
    if (!isPaused) list.catchUp();
  };
  useShortcuts({
    j: () => moveFocus("a[data-row]", 1),
    k: () => moveFocus("a[data-row]", -1),
    ...(searchId ? { "/": () => document.getElementById(searchId)?.focus() } : {}),
    p: () => pause(!paused),
    "?": openHelp,
  });

  return (
    <>
      <PageHeader
        title={props.title}
        actions={
          <>
            <LiveSwitch
              state={list.live}
              paused={paused}
              waiting={list.held > 0 ? list.heldWord : null}
              onPausedChange={pause}
            />
            <Button
              variant="ghost"
              size="icon"
              aria-label="Keyboard shortcuts"
              onClick={openHelp}
              className="max-sm:hidden"
            >
              <Keyboard aria-hidden />
            </Button>
            {props.actions}
          </>
        }
      />
      <div className="mb-3 flex flex-wrap items-center gap-2">{props.filters}</div>
      <HeldRows
        count={list.held}
        word={list.heldWord}
        noun={noun}
        onShow={() => {
          window.scrollTo({ top: 0 });
          list.showHeld();
        }}
      />
      {body()}
      <ShortcutHelp
        open={isHelpOpen}
        onOpenChange={setHelpOpen}
        shortcuts={[
          { keys: ["j", "k"], does: `Next and previous ${noun}` },
          { keys: ["Enter"], does: `Open the ${props.opens}` },
          ...(searchId ? [{ keys: ["/"], does: "Search" }] : []),
          { keys: ["p"], does: "Pause and resume live updates" },
          { keys: ["?"], does: "Show this list" },
        ]}
      />
    </>
  );

  function body() {
    if (list.error) return <ListProblem message={list.error.message} onRetry={list.retry} />;
    const isSearching = props.isSearch === true && list.isReading;
    if (list.isLoading && !isSearching) return <PageSkeleton />;
    // A page of a search may be empty and still lead further back.
    if (list.rows.length === 0 && !list.hasOlder && !isSearching)
      return filterKey === "{}" ? props.empty : <NothingMatches noun={noun} onClear={props.onClearFilter} />;
    return (
      <>
        {props.notice}
        {list.rows.length > 0 ? props.table(list.rows, list.freshIds) : null}
        {isSearching ? (
          <SearchProgress
            noun={noun}
            searchedTo={list.readTo ? timeOfId(list.readTo) : null}
            onStop={list.stop}
          />
        ) : (
          <ListFoot
            {...(props.isSearch ? searchFoot(list.readTo) : {})}
            hasOlder={list.hasOlder}
            isLoading={list.isLoadingOlder}
            onOlder={list.loadOlder}
            end={props.isSearch ? "That is everything that matches." : props.end}
          />
        )}
      </>
    );
  }
}
