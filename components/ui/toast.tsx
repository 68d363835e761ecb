"use client";
import { CircleAlert, CircleCheck, Info, TriangleAlert, X } from "lucide-react";
import { useEffect, useState, useSyncExternalStore } from "react";
import { Button } from "./button";

const kinds = {
  success: { icon: CircleCheck, status: "success" },
  info: { icon: Info, status: undefined },
  warning: { icon: TriangleAlert, status: "rejected" },
  error: { icon: CircleAlert, status: "failed" },
};

type Kind = keyof typeof kinds;
type Action = { label: string; onClick: () => void };
type Shown = { id: string; kind: Kind; text: string; duration: number; action: Action | undefined };
/** `id`: takes the place of an earlier one with the same id. `duration` in milliseconds; `Infinity`: until it is dismissed. */
type Options = { id?: string; duration?: number; action?: Action };

const usualMs = 4_000;
/** Older ones go when there are more. */
const most = 4;

const none: readonly Shown[] = [];
let shown = none;
let count = 0;
const listeners = new Set<() => void>();

function become(next: readonly Shown[]): void {
  shown = next;
  for (const listener of listeners) listener();
}

function show(kind: Kind, text: string, options: Options = {}): void {
  const { id = `toast-${++count}`, duration = usualMs, action } = options;
  const others = shown.filter((one) => one.id !== id);
  become([...others, { id, kind, text, duration, action }].slice(-most));
}

/** Says what has happened, wherever the reader is by now. */
export const toast = {
  success: (text: string, options?: Options) => show("success", text, options),
  info: (text: string, options?: Options) => show("info", text, options),
  warning: (text: string, options?: Options) => show("warning", text, options),
  error: (text: string, options?: Options) => show("error", text, options),
  dismiss: (id: string) => become(shown.filter((one) => one.id !== id)),
};

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Where toasts are shown; they stay while pages change. */
export function Toaster() {
  const now = useSyncExternalStore(
    subscribe,
    () => shown,
    () => none,
  );
  const [isHeld, setHeld] = useState(false);
  const hold = { onPointerEnter: () => setHeld(true), onPointerLeave: () => setHeld(false) };
  return (
    <section
      aria-label="Notifications"
      aria-live="polite"
      className="pointer-events-none fixed right-3 bottom-18 left-3 z-60 grid justify-items-end gap-2 sm:right-5 sm:bottom-5 sm:left-auto"
    >
      {now.map((one) => (
        <Line key={one.id} toast={one} isHeld={isHeld} hold={hold} />
      ))}
    </section>
  );
}

type LineProps = {
  toast: Shown;
  isHeld: boolean;
  hold: Record<"onPointerEnter" | "onPointerLeave", () => void>;
};

/** Goes by itself, unless somebody points at one. */
function Line({ toast: { id, kind, text, duration, action }, isHeld, hold }: LineProps) {
  const { icon: Icon, status } = kinds[kind];
  useEffect(() => {
    if (isHeld || duration === Number.POSITIVE_INFINITY) return;
    const timer = setTimeout(() => toast.dismiss(id), duration);
    return () => clearTimeout(timer);
  }, [id, duration, isHeld]);
  const end = () => {
    // What is taken away says no more that the pointer has left it.
    hold.onPointerLeave();
    toast.dismiss(id);
  };
  return (
    <div
      {...hold}
      data-toast={kind}
      data-status={status}
      className="slide-in-from-bottom-2 fade-in-0 pointer-events-auto flex w-full animate-in items-start gap-2.5 rounded-lg border bg-popover py-2.5 pr-2 pl-3.5 shadow-pop sm:w-[22rem]"
    >
      <Icon aria-hidden className="mt-0.5 size-4 shrink-0 text-(--status)" />
      <p className="min-w-0 flex-1 [overflow-wrap:anywhere]">{text}</p>
      {action ? (
        <Button
          variant="link"
          onClick={() => {
            action.onClick();
            end();
          }}
        >
          {action.label}
        </Button>
      ) : null}
      <button
        type="button"
        aria-label="Dismiss"
        onClick={end}
        className="rounded-md p-1 text-muted-foreground hover:bg-muted hover:text-foreground"
      >
        <X aria-hidden className="size-3.5" />
      </button>
    </div>
  );
}
