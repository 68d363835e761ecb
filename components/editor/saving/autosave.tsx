"use client";
import { type ReactNode, useEffect, useEffectEvent, useRef, useState } from "react";
import { connection } from "@/components/connection/connection";
import { itemNames } from "@/components/editor/item-name";
import { useEditorPlace, useEditorStore } from "@/components/editor/store";
import { concerns, useLive } from "@/components/live/use-live";
import { RelativeTime } from "@/components/ui/relative-time";
import { toast } from "@/components/ui/toast";
import { type Way, Ways } from "@/components/ui/ways";
import { usePlace } from "@/components/unsaved/place";
import { fieldWords } from "@/components/workflows/field-words";
import type { Collision } from "@/lib/editor/collision";
import type { DraftGraph } from "@/lib/editor/graph";
import { sameDraft } from "@/lib/editor/same-draft";
import {
  type BrowserCopy,
  browserShelf,
  dropCopy,
  dropOldCopies,
  keepCopy,
  readCopy,
  whatToOpen,
} from "./browser-copy";
import { type Differing, DraftSaver } from "./draft-saver";
import { remoteOf } from "./remote";

type Question = { title: string; text: ReactNode; ways: [Way, Way] };

/** Saves the draft while its page is open, and takes up what this browser kept when it could not. */
export function Autosave() {
  const store = useEditorStore();
  const place = useEditorPlace();
  const around = usePlace();
  const [question, setQuestion] = useState<Question | null>(null);
  const ask = useEffectEvent(<T,>(title: string, text: ReactNode, ways: [[string, T], [string, T]]) => {
    return new Promise<T>((resolve) => {
      const way = ([label, value]: [string, T]): Way => ({
        label,
        onChoose: () => {
          setQuestion(null);
          resolve(value);
        },
      });
      setQuestion({ title, text, ways: [way(ways[0]), way(ways[1])] });
    });
  });
  const join = useEffectEvent(async ({ common, here, there }: Differing): Promise<DraftGraph> => {
    if (!there.draft)
      return ask("This draft was ended in another window", <Ended version={there.base.version} />, [
        ["Take the saved version", there.base.graph],
        ["Keep what is here as a draft", here],
      ]);
    const { joined } = await import("./joined");
    const { ours, theirs, collisions } = joined(common, here, there.draft.graph);
    if (collisions.length === 0) {
      toast.info("What you changed in another window is here now, too.");
      return ours;
    }
    return ask(
      "You changed the same in another window",
      <BothChanged collisions={collisions} draft={ours} />,
      [
        ["Take the other window's", theirs],
        ["Keep what is here", ours],
      ],
    );
  });
  const takeUp = useEffectEvent(async (copy: BrowserCopy | null) => {
    const { base, note, onServer } = store.state;
    const opened = { graph: store.draft, note, revision: onServer.revision, baseVersion: base.version };
    const what = whatToOpen(opened, copy, sameDraft);
    if (!copy || what === "server") return;
    if (what === "copy") {
      store.replace(copy.graph);
      store.set({ note: copy.note });
      toast.info("What this browser had kept of your draft is back. Undo shows what the server has.");
      return;
    }
    const isOurs = await ask(
      "This browser kept changes that the server does not have",
      <Kept {...{ copy }} />,
      [
        ["Take the server's", false],
        ["Take what this browser kept", true],
      ],
    );
    store.replace(copy.graph);
    // Either can be had again: the one that is not taken is a step away.
    if (isOurs) store.set({ note: copy.note });
    else store.undo();
  });
  const saverNow = useRef<DraftSaver | null>(null);
  useLive(place.projectId, {
    onHint: (hints) => {
      if (concerns(hints, "workflows", new Set([place.workflowId]))) void saverNow.current?.lookElsewhere();
    },
  });
  useEffect(() => {
    const shelf = browserShelf();
    const copyPlace = { userId: place.userId, workflowId: place.workflowId };
    const saver = new DraftSaver(store, {
      ...remoteOf(place),
      copy: {
        keep: (copy) => keepCopy(shelf, copyPlace, { ...copy, keptAt: new Date().toISOString() }),
        drop: () => dropCopy(shelf, copyPlace),
      },
      join,
    });
    let stop: (() => void) | undefined;
    let isGone = false;
    dropOldCopies(shelf, new Date());
    void takeUp(readCopy(shelf, copyPlace)).then(() => {
      if (isGone) return;
      stop = saver.start();
      saverNow.current = saver;
    });
    const leave = () => {
      store.takeIn();
      saver.keepCopy();
    };
    const look = () => {
      if (document.visibilityState === "hidden") leave();
      else void saver.lookElsewhere();
    };
    const ends = [
      around.include(() => saver.isInDanger),
      connection.subscribe(() => {
        const { saving } = store.state;
        if (connection.state === "ok" && saving.state === "kept" && saving.why === "unreachable")
          saver.again();
      }),
      store.subscribe(() => {
        if (saver.isInDanger) around.touch();
      }),
    ];
    document.addEventListener("visibilitychange", look);
    window.addEventListener("pagehide", leave);
    return () => {
      isGone = true;
      saverNow.current = null;
      stop?.();
      for (const end of ends) end();
      document.removeEventListener("visibilitychange", look);
      window.removeEventListener("pagehide", leave);
    };
  }, [store, place, around]);
  if (!question) return null;
  return (
    <Ways title={question.title} ways={question.ways}>
      {question.text}
    </Ways>
  );
}

const mostNamed = 5;

/** What both windows changed, each otherwise; all else of both is kept whichever is taken. */
function BothChanged({ collisions, draft }: { collisions: readonly Collision[]; draft: DraftGraph }) {
  const nameOf = itemNames(draft);
  const places = collisions.map(({ itemId, field }) =>
    field === null ? nameOf(itemId) : `${nameOf(itemId)}: ${fieldWords(field)}`,
  );
  const more = places.length - mostNamed;
  return (
    <>
      <ul className="list-inside list-disc">
        {places.slice(0, mostNamed).map((place) => (
          <li key={place}>{place}</li>
        ))}
        {more > 0 ? <li>and {more} more</li> : null}
      </ul>
      <p>All else that you changed, here and there, is kept. Undo leads back to what was here.</p>
    </>
  );
}

const Ended = ({ version }: { version: number }) => (
  <p>
    It was saved as a version or discarded there, and version {version} is the present one. What you have
    changed here since is kept, if you want to go on with it.
  </p>
);

const Kept = ({ copy }: { copy: BrowserCopy }) => (
  <p>
    They are from <RelativeTime value={copy.keptAt} />, and your draft was changed elsewhere since. Whichever
    you take, nothing is lost: undo and redo lead from one to the other.
  </p>
);
