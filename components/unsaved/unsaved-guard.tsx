"use client";
import { usePathname, useRouter } from "next/navigation";
import { useEffect, useEffectEvent, useRef, useState } from "react";
import { addressOf } from "@/components/shell/link-click";
import { Confirm } from "@/components/ui/confirm";
import { askToLeave, setLeaveAsker } from "./ask";
import { onTyping, page } from "./page";

/** Mounted once: asks before what is typed is lost by a link, the back button, a closed tab, or a closed dialog. */
export function UnsavedGuard() {
  const [leave, setLeave] = useState<(() => void) | null>(null);
  useEffect(() => {
    setLeaveAsker((next) => setLeave(() => next));
    return () => setLeaveAsker(undefined);
  }, []);
  useTabGuard();
  useLinkGuard();
  useBackGuard();
  return (
    <Confirm
      open={leave !== null}
      onOpenChange={(isOpen) => (isOpen ? undefined : setLeave(null))}
      title="Leave without saving?"
      description="What you have typed here is not saved, and would be lost."
      action="Discard it"
      cancel="Keep editing"
      destructive
      onConfirm={() => leave?.()}
    />
  );
}

function useTabGuard(): void {
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => {
      if (page.isUnsaved) event.preventDefault();
    };
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, []);
}

/** Goes to a place of this page without an entry in the history: coming to one looks like going back to the page. */
function jumpTo({ hash }: URL): void {
  history.replaceState(history.state, "", hash);
  const place = document.getElementById(decodeURIComponent(hash.slice(1)));
  if (!place) return;
  if (!place.hasAttribute("tabindex")) place.tabIndex = -1;
  place.scrollIntoView();
  place.focus({ preventScroll: true });
}

function useLinkGuard(): void {
  const router = useRouter();
  const click = useEffectEvent((event: MouseEvent) => {
    const to = addressOf(event);
    if (!to || !page.isUnsaved) return;
    const isHere = to.pathname === location.pathname;
    if (isHere && (to.search !== location.search || to.hash === "")) return;
    event.preventDefault();
    if (isHere) return jumpTo(to);
    askToLeave(() => {
      page.giveUp();
      router.push(`${to.pathname}${to.search}${to.hash}`);
    });
  });
  useEffect(() => {
    // Before the link's own listener, which would go there at once.
    window.addEventListener("click", click, { capture: true });
    return () => window.removeEventListener("click", click, { capture: true });
  }, []);
}

const mark = "unsavedGuard";
const isMarked = () => Boolean((history.state as Record<string, unknown> | null)?.[mark]);
/** The same page once more in the history: going back leads to itself first, where its person can be asked. */
const standInTheWay = () => history.pushState({ ...history.state, [mark]: true }, "", location.href);

function useBackGuard(): void {
  const path = usePathname();
  const guarded = useRef<string | null>(null);
  const typed = useEffectEvent(() => {
    if (guarded.current === path || !page.isUnsaved) return;
    guarded.current = path;
    standInTheWay();
  });
  const popped = useEffectEvent((event: PopStateEvent) => {
    if (guarded.current !== location.pathname || isMarked()) {
      guarded.current = isMarked() ? location.pathname : null;
      return;
    }
    // It is the page itself, under what stood in the way: nothing for the router to do.
    event.stopImmediatePropagation();
    guarded.current = null;
    if (!page.isUnsaved) return history.back();
    guarded.current = location.pathname;
    standInTheWay();
    askToLeave(() => {
      page.giveUp();
      guarded.current = null;
      history.go(-2);
    });
  });
  useEffect(() => {
    const stop = onTyping(() => queueMicrotask(typed));
    window.addEventListener("popstate", popped, { capture: true });
    return () => {
      stop();
      window.removeEventListener("popstate", popped, { capture: true });
    };
  }, []);
}
